import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Dashboard } from "../../../workloads/kit/dashboard.ts";

/** A panel, as far as tests look at it. */
export interface PanelModel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly datasource?: { readonly uid: string };
  readonly options?: unknown;
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string; readonly custom?: unknown };
  };
  readonly targets?: readonly TargetModel[];
}

/** A query of a panel. */
export interface TargetModel {
  readonly refId: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  /** PromQL. */
  readonly expr?: string;
  /** InfluxQL. */
  readonly query?: string;
  /** Of PromQL, seconds between two askings, such as "15s". */
  readonly interval?: string;
}

/** A dashboard as Grafana reads it. */
export interface DashboardModel {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly PanelModel[];
}

/** A query that a dashboard makes, for whoever wants to make it too. */
export interface DashboardQuery {
  /** Dashboard and panel, for people. */
  readonly where: string;
  readonly source: "prometheus" | "influxdb";
  /** As Grafana sends it: PromQL or InfluxQL with times in place of Grafana's variables. */
  readonly query: string;
}

const workloads = join(__dirname, "../../../workloads");

/** Files that hold dashboards: those of the rooms, and that of the whole. */
export function dashboardFiles(): string[] {
  const rooms = readdirSync(workloads)
    .filter((room) => room !== "kit")
    .map((room) => join(workloads, room, "dashboard.ts"));
  return [...rooms.filter((file) => existsSync(file)), join(workloads, "grafana/overview.ts")];
}

/** Every dashboard of the stack. */
export function allDashboards(): Dashboard[] {
  return dashboardFiles().flatMap((file) =>
    Object.entries<Dashboard>(require(file))
      .filter(([name]) => name.endsWith("Dashboard"))
      .map(([, dashboard]) => dashboard),
  );
}

/** What Grafana makes of it. */
export function modelOf(dashboard: Dashboard): DashboardModel {
  return JSON.parse(dashboard.json);
}

/** Panels that show something: rows are panels too. */
export function panelsOf(dashboard: Dashboard): PanelModel[] {
  return modelOf(dashboard).panels.filter(({ type }) => type !== "row");
}

/** Every query of a dashboard, over the last quarter of an hour. */
export function queriesOf(dashboard: Dashboard): DashboardQuery[] {
  return panelsOf(dashboard).flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, datasource, expr, query = "", interval = "" }) => ({
      where: `${dashboard.uid}: ${title} ${refId}`,
      source: datasource.uid === "influxdb" ? ("influxdb" as const) : ("prometheus" as const),
      query: (expr ?? query)
        .replaceAll("$__rate_interval", `${4 * Number.parseInt(interval, 10)}s`)
        .replaceAll("$__interval", "30s")
        .replaceAll("$timeFilter", "time > now() - 15m"),
    })),
  );
}
