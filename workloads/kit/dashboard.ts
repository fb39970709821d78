import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardBuilder,
  DashboardCursorSync,
  type Panel as GrafanaPanel,
  RowBuilder,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import * as unitsOfGrafana from "@grafana/grafana-foundation-sdk/units";

/** A dashboard as Grafana reads it. */
export interface Dashboard {
  /** Folder that it is found in: the room, as people call it. */
  readonly folder: string;
  /** Unique in the stack, lower-case letters and dashes: part of its URL, and of its file's name. */
  readonly uid: string;
  /** Grafana's model of it, JSON. */
  readonly json: string;
}

/** What Grafana asks, by the `type` and `uid` of the data source. */
export const sources = {
  prometheus: { type: "prometheus", uid: "prometheus" },
  influxdb: { type: "influxdb", uid: "influxdb" },
} as const;

/** How often Prometheus asks a target that says nothing else. */
export const SCRAPE_SECONDS = 15;

/** How numbers are read: Grafana's unit by what we call it. */
export const units = {
  count: unitsOfGrafana.Short,
  yes: unitsOfGrafana.Bool,
  /** 1 is all. */
  fraction: unitsOfGrafana.PercentUnit,
  /** 100 is all. */
  percent: unitsOfGrafana.Percent,
  bytes: unitsOfGrafana.BytesIEC,
  seconds: unitsOfGrafana.Seconds,
  milliseconds: unitsOfGrafana.Milliseconds,
  /** Seconds that are shown as days or hours. */
  timeLeft: unitsOfGrafana.DurationSeconds,
  perSecond: unitsOfGrafana.CountsPerSecond,
  requestsPerSecond: unitsOfGrafana.RequestsPerSecond,
  messagesPerSecond: unitsOfGrafana.MessagesPerSecond,
  bytesPerSecond: unitsOfGrafana.BytesPerSecondIEC,
} as const;

/** Where a number becomes worrying (orange) and where bad (red), and on which side. */
export interface Limits {
  readonly worse: "above" | "below";
  /** @default the same as `bad` */
  readonly worrying?: number;
  readonly bad: number;
}

/** A query to a data source. */
export interface Query {
  readonly source: keyof typeof sources;
  /** @param refId its letter in the panel */
  builder(refId: string): Builder<Dataquery>;
}

/** What a panel says. */
export interface Question {
  readonly title: string;
  /** What the number means and when to worry, for people who see it for the first time. */
  readonly description: string;
  readonly unit: keyof typeof units;
  /** All of one source; each may give any number of lines. */
  readonly queries: readonly [Query, ...Query[]];
  /** @default none: no colours */
  readonly limits?: Limits;
  /** Number at the top of the axis. @default as far as the lines go */
  readonly max?: number;
}

/** A question, and whether it is answered by the latest number or by lines over time. */
export interface Panel extends Question {
  readonly kind: "number" | "graph";
}

/** The latest number, large, with a shadow of how it came about. */
export function number(question: Question): Panel {
  return { kind: "number", ...question };
}

/** Lines over time. */
export function graph(question: Question): Panel {
  return { kind: "graph", ...question };
}

/**
 * A query to Prometheus.
 *
 * @param legend name of a line, in which `{{label}}` may stand
 * @param seconds between two askings of its targets: `$__rate_interval` is at least four times that
 */
export function promql(expr: string, legend = "", seconds = SCRAPE_SECONDS): Query {
  return {
    source: "prometheus",
    builder: (refId) =>
      new DataqueryBuilder()
        .refId(refId)
        .datasource(sources.prometheus)
        .expr(expr)
        .legendFormat(legend)
        .interval(`${seconds}s`)
        .range(),
  };
}

/** What a dashboard is made of. */
export interface DashboardArgs {
  readonly folder: string;
  readonly uid: string;
  readonly title: string;
  /** Panels by the question that they answer together, from what matters most on. */
  readonly rows: Readonly<Record<string, readonly Panel[]>>;
}

/** A dashboard of the last hour that nobody changes but the code. */
export function dashboard({ folder, uid, title, rows }: DashboardArgs): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .tags(["web-greetings"])
    .readonly()
    .time({ from: "now-1h", to: "now" })
    .refresh("30s")
    .tooltip(DashboardCursorSync.Crosshair);
  let id = 0;
  for (const [name, panels] of Object.entries(rows)) {
    id += 1;
    builder.withRow(new RowBuilder(name).id(id));
    for (const [panel, width] of laidOut(panels)) {
      id += 1;
      builder.withPanel(render(panel, id, width));
    }
  }
  return { folder, uid, json: JSON.stringify(builder.build()) };
}

/** Columns of Grafana's grid, and how many panels of a kind stand side by side at most. */
const COLUMNS = 24;
const sideBySide = { number: 6, graph: 2 } as const;
/** Grafana's grid, in steps of 30 pixels. */
const heights = { number: 4, graph: 8 } as const;

/** Numbers first, then graphs, each with its width: every line is filled. */
function laidOut(panels: readonly Panel[]): (readonly [Panel, number])[] {
  return (["number", "graph"] as const).flatMap((kind) => {
    const all = panels.filter((panel) => panel.kind === kind);
    const widths = widthsOf(all.length, sideBySide[kind]);
    return all.map((panel, index) => [panel, widths[index] ?? COLUMNS] as const);
  });
}

function widthsOf(count: number, most: number): number[] {
  if (count === 0) return [];
  const line = Math.ceil(count / Math.ceil(count / most));
  const widths = Array.from({ length: line }, (_, index) => {
    return Math.floor(COLUMNS / line) + (index < COLUMNS % line ? 1 : 0);
  });
  return [...widths, ...widthsOf(count - line, most)];
}

function render(panel: Panel, id: number, width: number): Builder<GrafanaPanel> {
  const builder = panel.kind === "number" ? renderNumber() : renderGraph(panel);
  builder
    .id(id)
    .title(panel.title)
    .description(panel.description)
    .unit(units[panel.unit])
    .span(width)
    .height(heights[panel.kind])
    .datasource(sources[panel.queries[0].source])
    .thresholds(renderLimits(panel.limits));
  if (panel.max !== undefined) builder.max(panel.max);
  panel.queries.forEach((query, index) => {
    builder.withTarget(query.builder(String.fromCharCode("A".charCodeAt(0) + index)));
  });
  return builder;
}

function renderNumber(): StatBuilder {
  return new StatBuilder().graphMode(BigValueGraphMode.Area).colorMode(BigValueColorMode.Value);
}

function renderGraph({ limits }: Panel): TimeseriesBuilder {
  const style = limits ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off;
  return new TimeseriesBuilder()
    .min(0)
    .fillOpacity(10)
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(style))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    );
}

function renderLimits(limits: Limits | undefined): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(stepsOf(limits));
}

/** A step's colour holds from its value on; the first one's from the smallest number on. */
function stepsOf(limits: Limits | undefined): Threshold[] {
  if (!limits) return [{ value: null, color: "text" }];
  const { worse, bad, worrying = bad } = limits;
  const between =
    worrying === bad ? [] : [{ value: worse === "above" ? worrying : bad, color: "orange" }];
  return worse === "above"
    ? [{ value: null, color: "green" }, ...between, { value: bad, color: "red" }]
    : [{ value: null, color: "red" }, ...between, { value: worrying, color: "green" }];
}
