import type * as k8s from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { imageAt } from "../../infra/versions.ts";
import type { ConsulAccess } from "../kit/consulAccess.ts";
import { containerBasics, type Resources, resources } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { paths, ports } from "./config.ts";
import { files } from "./prometheusConfig.ts";
import { tokenMount } from "./token.ts";

type Container = k8s.types.input.core.v1.Container;

/** Folder of the token for Consul. */
const TOKEN_PATH = paths.token.slice(0, paths.token.lastIndexOf("/"));

/** Mounts of configuration and certificate, the same in all of the room's containers. */
export const ownMounts: readonly k8s.types.input.core.v1.VolumeMount[] = [
  { name: "config", mountPath: paths.config, readOnly: true },
  { name: "tls", mountPath: paths.tls, readOnly: true },
];

/** How long Prometheus keeps what it was told. */
export interface Retention {
  readonly days: number;
  /** GiB of blocks, beyond which the oldest goes. */
  readonly gib: number;
}

/**
 * Prometheus. A kubelet has no certificate to show, so that promtool asks whether it is ready: it is
 * not before it has read what it wrote last. That costs a moment of a core each time, and is asked
 * seldom.
 */
export function prometheusContainer(
  version: string,
  retention: Retention,
  size: Resources,
): Container {
  const ready = {
    command: [
      "/bin/promtool",
      "check",
      "ready",
      `--url=https://localhost:${ports.prometheus}`,
      `--http.config.file=${paths.config}/${files.client}`,
    ],
  };
  return {
    name: "prometheus",
    image: imageAt("prometheus", version),
    command: ["/bin/prometheus"],
    args: [
      `--config.file=${paths.config}/${files.prometheus}`,
      `--web.config.file=${paths.config}/${files.web}`,
      `--web.listen-address=0.0.0.0:${ports.prometheus}`,
      `--storage.tsdb.path=${paths.prometheus}`,
      `--storage.tsdb.retention.time=${retention.days}d`,
      // To Prometheus a GB is 2^30 bytes.
      `--storage.tsdb.retention.size=${retention.gib}GB`,
    ],
    env: [
      {
        name: "POD_NAME",
        valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } },
      },
    ],
    ports: [{ name: "https", containerPort: ports.prometheus, protocol: "TCP" }],
    startupProbe: probe(ready, { every: 3, failures: 200 }),
    livenessProbe: probe({ port: "https" }, { every: 30, failures: 3 }),
    readinessProbe: probe(ready, { every: 30, failures: 2 }),
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: [
      ...ownMounts,
      tokenMount,
      { name: "token", mountPath: TOKEN_PATH, readOnly: true },
      { name: "data", mountPath: paths.prometheus },
    ],
  };
}

/**
 * The login beside it, which leaves the token for Consul.
 *
 * @param consul its way to Consul
 */
export function loginContainer(
  image: Input<string>,
  consul: Pick<ConsulAccess, "env" | "mount">,
  size: Resources,
): Container {
  const live = { path: "/livez", port: "health" };
  return {
    name: "consul-login",
    image,
    env: [
      { name: "TOKEN_FILE", value: paths.token },
      { name: "ADMIN_PORT", value: `${ports.loginHealth}` },
      ...consul.env,
    ],
    ports: [{ name: "health", containerPort: ports.loginHealth, protocol: "TCP" }],
    startupProbe: probe(live, { every: 1, failures: 60 }),
    livenessProbe: probe(live, { every: 10, failures: 3 }),
    readinessProbe: probe({ path: "/readyz", port: "health" }, { every: 10, failures: 2 }),
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: [
      { name: "tls", mountPath: paths.tls, readOnly: true },
      consul.mount,
      { name: "token", mountPath: TOKEN_PATH },
    ],
  };
}

/** Where the token is left: it belongs on no disk. */
export const consulTokenVolume: k8s.types.input.core.v1.Volume = {
  name: "token",
  emptyDir: { medium: "Memory", sizeLimit: "1Mi" },
};
