import type * as k8s from "@pulumi/kubernetes";
import { imageAt } from "../../infra/versions.ts";
import { containerBasics, type Resources, resources } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { paths, renderAlive, renderStart } from "./config.ts";

type Container = k8s.types.input.core.v1.Container;

/** What an agent's container depends on, a server's or a client's. */
export interface AgentContainerArgs {
  readonly version: string;
  readonly size: Resources;
  /** Shell command that says whether it is ready. */
  readonly ready: string;
  /** Names and numbers of the ports that it listens on over TCP. */
  readonly ports: Readonly<Record<string, number>>;
  /** Variables beside those that every agent needs. */
  readonly env: k8s.types.input.core.v1.EnvVar[];
}

/** The container of a Consul agent; its volumes are config, secrets, tls, member-tls, data, tmp. */
export function agentContainer(args: AgentContainerArgs): Container {
  const ask = (script: string) => ({ command: ["sh", "-ec", script] });
  const alive = ask(renderAlive());
  return {
    name: "consul",
    image: imageAt("consul", args.version),
    command: ["sh", "-ec", renderStart()],
    env: [...podFields(), ...args.env],
    ports: Object.entries(args.ports).map(([name, containerPort]) => ({
      name,
      containerPort,
      protocol: "TCP",
    })),
    startupProbe: probe(alive, { every: 2, failures: 60 }),
    livenessProbe: probe(alive, { every: 15, failures: 4 }),
    readinessProbe: probe(ask(args.ready), { every: 3, failures: 2 }),
    resources: resources(args.size),
    ...containerBasics(),
    volumeMounts: [
      { name: "config", mountPath: paths.config, readOnly: true },
      { name: "secrets", mountPath: paths.secrets, readOnly: true },
      { name: "tls", mountPath: paths.tls, readOnly: true },
      { name: "member-tls", mountPath: paths.memberTls, readOnly: true },
      { name: "data", mountPath: paths.data },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}

function podFields() {
  return [
    ["POD_NAME", "metadata.name"],
    ["POD_IP", "status.podIP"],
  ].map(([name = "", fieldPath = ""]) => ({
    name,
    valueFrom: { fieldRef: { apiVersion: "v1", fieldPath } },
  }));
}
