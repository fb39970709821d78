import type * as k8s from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { images } from "../../infra/versions.ts";
import type { ConsulAccess } from "../kit/consulAccess.ts";
import { metricsContainerPort, metricsEnv } from "../kit/metrics.ts";
import { containerBasics, type Resources, resources } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { paths, ports } from "./config.ts";
import { renderStart, renderWatch } from "./scripts.ts";

type Container = k8s.types.input.core.v1.Container;

/** Folder of the token. */
const TOKEN_PATH = paths.token.slice(0, paths.token.lastIndexOf("/"));

const config = { name: "config", mountPath: paths.config, readOnly: true };
const tls = { name: "tls", mountPath: paths.tls, readOnly: true };
const run = { name: "run", mountPath: paths.run };

/** nginx. It is ready when it knows what Consul says, be it that there is no instance. */
export function nginxContainer(size: Resources): Container {
  const live = { path: "/livez", port: "admin" };
  return {
    name: "nginx",
    image: images.nginx,
    command: ["/bin/sh", "-c", renderStart()],
    ports: [
      { name: "https", containerPort: ports.https, protocol: "TCP" },
      { name: "admin", containerPort: ports.admin, protocol: "TCP" },
    ],
    startupProbe: probe(live, { every: 1, failures: 60 }),
    livenessProbe: probe(live, { every: 10, failures: 3 }),
    readinessProbe: probe({ path: "/readyz", port: "admin" }, { every: 2, failures: 2 }),
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: [config, tls, run, { name: "tmp", mountPath: "/tmp" }],
  };
}

/** consul-template. It opens no port: that its script is there is all that can be asked. */
export function watchContainer(size: Resources): Container {
  const there = { command: ["/bin/sh", "-c", "kill -0 1"] };
  return {
    name: "watch",
    image: images.consulTemplate,
    command: ["/bin/sh", "-c", renderWatch()],
    startupProbe: probe(there, { every: 2, failures: 30 }),
    livenessProbe: probe(there, { every: 30, failures: 3 }),
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: [config, tls, run, { name: "token", mountPath: TOKEN_PATH, readOnly: true }],
  };
}

/**
 * The agent, which registers the pod and logs in for consul-template.
 *
 * @param consul its way to Consul
 */
export function agentContainer(
  image: Input<string>,
  consul: Pick<ConsulAccess, "env" | "mount">,
  size: Resources,
): Container {
  const live = { path: "/livez", port: "health" };
  return {
    name: "agent",
    image,
    env: [
      { name: "EDGE_PORT", value: `${ports.https}` },
      { name: "NGINX_STATUS", value: `http://127.0.0.1:${ports.admin}/status` },
      { name: "TOKEN_FILE", value: paths.token },
      { name: "NGINX_CONFIG", value: paths.candidate },
      { name: "ADMIN_PORT", value: `${ports.health}` },
      ...metricsEnv(paths.tls),
      ...consul.env,
    ],
    ports: [{ name: "health", containerPort: ports.health, protocol: "TCP" }, metricsContainerPort],
    startupProbe: probe(live, { every: 1, failures: 60 }),
    livenessProbe: probe(live, { every: 10, failures: 3 }),
    readinessProbe: probe({ path: "/readyz", port: "health" }, { every: 2, failures: 2 }),
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: [
      tls,
      consul.mount,
      { ...run, readOnly: true },
      { name: "token", mountPath: TOKEN_PATH },
    ],
  };
}

/** The pod's volumes besides configuration, certificate and login. */
export const sharedVolumes: readonly k8s.types.input.core.v1.Volume[] = [
  { name: "run", emptyDir: { sizeLimit: "8Mi" } },
  { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
  // A token belongs on no disk.
  { name: "token", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
];
