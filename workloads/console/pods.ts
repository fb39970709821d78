import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Leaf } from "../../infra/pki.ts";
import type { OperatorsDoor, Scale } from "../../infra/platform.ts";
import { images } from "../../infra/versions.ts";
import { checksumAnnotations } from "../kit/checksum.ts";
import { createConfigFiles } from "../kit/configFiles.ts";
import { limitDisruption } from "../kit/disruption.ts";
import { accessTo, type Endpoint } from "../kit/endpoint.ts";
import { type Identity, labelsOf, metadataOf, selectorOf } from "../kit/labels.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { containerBasics, podSecurity, resources, spread } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { ROLLOUT } from "../kit/rollout.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { createTlsSecret } from "../kit/tlsSecret.ts";
import {
  CONFIG_FILE,
  LEAVING_FILE,
  names,
  paths,
  ports,
  replicas,
  seconds,
  sizes,
} from "./config.ts";
import { type Passed, renderNginx } from "./nginx.ts";

/** What the console's pods are made of. */
export interface PodsArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  readonly scale: Scale;
  /** Where requests come from, and how soon it is noticed there that a pod comes or goes. */
  readonly door: Pick<OperatorsDoor, "cidrs" | "noticesWithin">;
  /** Certificate towards the load balancer and the interfaces. */
  readonly leaf: Leaf;
  /** The interfaces, each under the name by which operators open it. */
  readonly interfaces: readonly (Omit<Passed, "server" | "port"> & {
    readonly endpoint: Endpoint;
  })[];
}

/** Deployment, disruption budget, policy, configuration and certificate. */
export function createPods(
  name: string,
  args: PodsArgs,
  parent: pulumi.Resource,
): k8s.apps.v1.Deployment {
  const { identity, namespace, scale, door } = args;
  const uses = args.interfaces.map(({ endpoint }) => endpoint);
  const connected = allowConnections(
    name,
    {
      identity,
      namespace,
      purpose:
        "The console takes requests that the load balancer has seen a login of, and passes them on.",
      uses,
      admits: { cidrs: door.cidrs, ports: [ports.https] },
    },
    parent,
  );
  if (replicas[scale] > 1) {
    limitDisruption(name, { identity, namespace }, parent);
  }
  const { annotations, spec } = createPodSpec(name, args, parent);
  return new k8s.apps.v1.Deployment(
    name,
    {
      metadata: { ...metadataOf(identity, connected), name: names.service },
      spec: {
        replicas: replicas[scale],
        selector: { matchLabels: { ...selectorOf(identity) } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        // Requests come to a node only when it is seen there that a pod of it can serve. So the next
        // pod goes when that is long seen of the one before.
        minReadySeconds: door.noticesWithin,
        progressDeadlineSeconds: 180,
        template: {
          metadata: { labels: { ...labelsOf(identity), ...accessTo(uses) }, annotations },
          spec,
        },
      },
    },
    { parent, customTimeouts: ROLLOUT },
  );
}

/** The pod with all that it mounts, and the annotations that roll it. */
function createPodSpec(name: string, args: PodsArgs, parent: pulumi.Resource) {
  const { identity, namespace, scale, door, leaf } = args;
  const common = { identity, namespace };
  const serviceAccountName = createServiceAccount(name, common, parent);
  const tls = createTlsSecret(name, { ...common, leaf }, "tls", parent);
  // Known once all interfaces answer: nginx does not start before it finds their addresses.
  const passed = pulumi.all(
    args.interfaces.map(({ endpoint: { host: server, port }, ...more }) =>
      pulumi.output({ ...more, server, port }),
    ),
  );
  const files = { [CONFIG_FILE]: passed.apply(renderNginx) };
  const config = createConfigFiles(name, { ...common, files }, "config", parent);
  const spec: k8s.types.input.core.v1.PodSpec = {
    serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurity(),
    terminationGracePeriodSeconds: door.noticesWithin + seconds.finish + seconds.spare,
    topologySpreadConstraints: spread(selectorOf(identity), scale),
    containers: [nginxContainer(scale, door.noticesWithin)],
    volumes: [config.volume, tls.volume, { name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
  };
  const annotations = checksumAnnotations({ config: config.checksum, certificate: tls.checksum });
  return { annotations, spec };
}

/** @param drain seconds for which it serves on before it goes, until nobody is sent to it any more */
function nginxContainer(scale: Scale, drain: number): k8s.types.input.core.v1.Container {
  const live = { path: "/livez", port: "admin" };
  const leave = `touch ${LEAVING_FILE} && sleep ${drain}`;
  return {
    name: "nginx",
    image: images.nginx,
    command: ["nginx", "-e", "stderr", "-c", `${paths.config}/${CONFIG_FILE}`],
    ports: [
      { name: "https", containerPort: ports.https, protocol: "TCP" },
      { name: "admin", containerPort: ports.admin, protocol: "TCP" },
    ],
    startupProbe: probe(live, { every: 1, failures: 60 }),
    livenessProbe: probe(live, { every: 10, failures: 3 }),
    readinessProbe: probe(live, { every: 2, failures: 2 }),
    // It says that it goes while it is still ready: a node whose only pod goes passes requests on to
    // it as long as it is. nginx itself stops listening at once when it is told to go.
    lifecycle: { preStop: { exec: { command: ["sh", "-c", leave] } } },
    resources: resources(sizes[scale]),
    ...containerBasics(),
    volumeMounts: [
      { name: "config", mountPath: paths.config, readOnly: true },
      { name: "tls", mountPath: paths.tls, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}
