import type * as k8s from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { imageAt } from "../../infra/versions.ts";
import { metricsContainerPort, metricsEnv } from "../kit/metrics.ts";
import { containerBasics, resources } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { agentEnv, paths, ports, renderStart } from "./config.ts";
import { agentSize, type Size } from "./sizes.ts";

type Container = k8s.types.input.core.v1.Container;

const TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Runs before the broker: asks Kubernetes for the zone of the pod's node, and writes it down. It
 * leaves there the agent for the broker's JVM too, which Kafka's image does not have.
 */
export function rackContainer(image: Input<string>): Container {
  return {
    name: "rack",
    image,
    args: ["rack"],
    env: [
      { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
      { name: "RACK_FILE", value: `${paths.node}/rack` },
      { name: "JVM_AGENT_FILE", value: paths.jvmAgent },
    ],
    resources: resources(agentSize),
    ...containerBasics(),
    volumeMounts: [
      { name: "node", mountPath: paths.node },
      { name: "token", mountPath: TOKEN, readOnly: true },
    ],
  };
}

/**
 * The broker. It stops on SIGTERM by a controlled shutdown, so that no hook is needed before; whether
 * it is ready the agent beside it knows.
 */
export function brokerContainer(version: string, size: Size): Container {
  const open = { port: "kafka" };
  return {
    name: "kafka",
    image: imageAt("kafka", version),
    command: ["bash", "-ec", renderStart()],
    env: [
      { name: "KAFKA_HEAP_OPTS", value: `-Xms${size.heapMiB}m -Xmx${size.heapMiB}m` },
      { name: "KAFKA_JVM_PERFORMANCE_OPTS", value: size.jvmOptions.join(" ") },
      {
        name: "KAFKA_LOG4J_OPTS",
        value: `-Dlog4j.configuration=file:${paths.config}/log4j.properties`,
      },
      { name: "KAFKA_OPTS", value: `-Djava.security.properties=${paths.config}/java.security` },
      // Without the log of garbage collection, which wants a folder of its own.
      { name: "EXTRA_ARGS", value: "-name kafkaServer" },
      { name: "LOG_DIR", value: "/tmp" },
    ],
    ports: [{ name: "kafka", containerPort: ports.kafka, protocol: "TCP" }],
    // A broker that was killed checks its log before it opens the port; large ones take minutes.
    startupProbe: probe(open, { every: 2, failures: 300 }),
    livenessProbe: probe(open, { every: 10, failures: 6 }),
    readinessProbe: probe(open, { every: 5, failures: 3 }),
    resources: resources(size),
    ...containerBasics(),
    volumeMounts: [
      { name: "config", mountPath: paths.config, readOnly: true },
      { name: "tls", mountPath: paths.tls, readOnly: true },
      { name: "node", mountPath: paths.node, readOnly: true },
      { name: "data", mountPath: paths.data },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}

/**
 * Beside the broker: ready while the broker is in sync in all partitions that it has a copy of.
 *
 * @param brokers `host:port` of all brokers: the clients' service has none until one is ready
 * @param readers whose lag it measures, `group:topic` separated by commas; empty for nobody's
 */
export function agentContainer(image: Input<string>, brokers: string, readers: string): Container {
  return {
    name: "agent",
    image,
    args: ["watch"],
    env: [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "ADMIN_PORT", value: `${ports.health}` },
      ...(readers === "" ? [] : [{ name: "READERS", value: readers }]),
      { name: "JVM_METRICS", value: `http://127.0.0.1:${ports.jvm}/metrics` },
      ...metricsEnv(paths.tls),
      ...agentEnv(brokers),
    ],
    ports: [{ name: "health", containerPort: ports.health, protocol: "TCP" }, metricsContainerPort],
    startupProbe: probe({ path: "/livez", port: "health" }, { every: 2, failures: 30 }),
    livenessProbe: probe({ path: "/livez", port: "health" }, { every: 10, failures: 6 }),
    readinessProbe: probe({ path: "/readyz", port: "health" }, { every: 2, failures: 2 }),
    resources: resources(agentSize),
    ...containerBasics(),
    volumeMounts: [{ name: "tls", mountPath: paths.tls, readOnly: true }],
  };
}

/** The pod's volumes besides configuration, certificate and data. */
export function volumesOf(): k8s.types.input.core.v1.Volume[] {
  return [
    { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
    { name: "node", emptyDir: { sizeLimit: "16Mi" } },
    {
      // The pod's token as Kubernetes would mount it, but in the one container that asks.
      name: "token",
      projected: {
        defaultMode: 0o440,
        sources: [
          { serviceAccountToken: { path: "token", expirationSeconds: 3600 } },
          {
            configMap: {
              name: "kube-root-ca.crt",
              items: [{ key: "ca.crt", path: "ca.crt" }],
            },
          },
          {
            downwardAPI: {
              items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }],
            },
          },
        ],
      },
    },
  ];
}
