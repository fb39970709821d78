import type * as k8s from "@pulumi/kubernetes";
import { imageAt } from "../../infra/versions.ts";
import type { Dashboard } from "../kit/dashboard.ts";
import { containerBasics, resources } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { fileOf, files, PORT, paths, type Size } from "./config.ts";

type Container = k8s.types.input.core.v1.Container;
type Mount = k8s.types.input.core.v1.VolumeMount;

/** What the volume with a dashboard's file is called. */
export function volumeOf({ uid }: Dashboard): string {
  return `dashboard-${uid}`;
}

/** The container of Grafana; its volumes are config, secrets, tls, data, tmp and one a dashboard. */
export function grafanaContainer(
  version: string,
  size: Size,
  dashboards: readonly Dashboard[],
): Container {
  const healthy = { path: "/api/health", port: "https", tls: true } as const;
  return {
    name: "grafana",
    image: imageAt("grafana", version),
    command: [
      `${paths.home}/bin/grafana`,
      "server",
      `--homepath=${paths.home}`,
      `--config=${paths.config}/${files.ini}`,
    ],
    ports: [{ name: "https", containerPort: PORT, protocol: "TCP" }],
    // The first start makes hundreds of tables, one after the other.
    startupProbe: probe(healthy, { every: 2, failures: 150 }),
    livenessProbe: probe(healthy, { every: 10, failures: 6 }),
    readinessProbe: probe(healthy, { every: 3, failures: 2 }),
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: [
      { name: "config", mountPath: paths.config, readOnly: true },
      provisioned("datasources", files.sources),
      provisioned("dashboards", files.providers),
      { name: "secrets", mountPath: paths.secrets, readOnly: true },
      { name: "tls", mountPath: paths.tls, readOnly: true },
      { name: "data", mountPath: paths.data },
      { name: "tmp", mountPath: "/tmp" },
      ...dashboards.map((dashboard) => ({
        name: volumeOf(dashboard),
        mountPath: fileOf(dashboard).replace(/\/[^/]*$/, ""),
        readOnly: true,
      })),
    ],
  };
}

/** Grafana takes every file of such a folder for one of its kind, so each gets its own alone. */
function provisioned(kind: "datasources" | "dashboards", file: string): Mount {
  return {
    name: "config",
    mountPath: `${paths.provisioning}/${kind}/${file}`,
    subPath: file,
    readOnly: true,
  };
}
