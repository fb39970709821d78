import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Leaf } from "../../infra/pki.ts";
import type { Scale } from "../../infra/platform.ts";
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
  names,
  paths,
  ports,
  replicas,
  STOP_SECONDS,
  seconds,
  sizes,
} from "./config.ts";
import { type Passed, renderNginx } from "./nginx.ts";

/** What the console's pods are made of. */
export interface PodsArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  readonly scale: Scale;
  /** Certificate towards the load balancer and the interfaces. */
  readonly leaf: Leaf;
  /** The interfaces, each under the name by which operators open it. */
  readonly interfaces: readonly (Omit<Passed, "server" | "port"> & {
    readonly endpoint: Endpoint;
  })[];
}

/** Deployment, disruption budget, policy, configuration and certificate. */
export function createPods(name: string, args: PodsArgs, parent: pulumi.Resource) {
  const { identity, namespace, scale } = args;
  const uses = args.interfaces.map(({ endpoint }) => endpoint);
  const connected = allowConnections(
    name,
    {
      identity,
      namespace,
      purpose:
        "The console takes requests that the load balancer has seen a login of, and passes them on.",
      uses,
      publicPorts: [ports.https],
    },
    parent,
  );
  if (replicas[scale] > 1) {
    limitDisruption(name, { identity, namespace }, parent);
  }
  const { annotations, spec } = createPodSpec(name, args, parent);
  new k8s.apps.v1.Deployment(
    name,
    {
      metadata: { ...metadataOf(identity, connected), name: names.service },
      spec: {
        replicas: replicas[scale],
        selector: { matchLabels: { ...selectorOf(identity) } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
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
  const { identity, namespace, scale, leaf } = args;
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
    terminationGracePeriodSeconds: STOP_SECONDS,
    topologySpreadConstraints: spread(selectorOf(identity), scale),
    containers: [nginxContainer(scale)],
    volumes: [config.volume, tls.volume, { name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
  };
  const annotations = checksumAnnotations({ config: config.checksum, certificate: tls.checksum });
  return { annotations, spec };
}

function nginxContainer(scale: Scale): k8s.types.input.core.v1.Container {
  const live = { path: "/livez", port: "admin" };
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
    // nginx itself stops listening at once when it is told to go.
    lifecycle: { preStop: { exec: { command: ["sleep", `${seconds.drain}`] } } },
    resources: resources(sizes[scale]),
    ...containerBasics(),
    volumeMounts: [
      { name: "config", mountPath: paths.config, readOnly: true },
      { name: "tls", mountPath: paths.tls, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}
