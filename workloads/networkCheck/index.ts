import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../../infra/platform.ts";
import { appVersion } from "../../infra/versions.ts";
import { accessLabelsFor, accessTo, type Endpoint } from "../kit/endpoint.ts";
import { type Identity, type Labels, labelsOf, metadataOf, selectorOf } from "../kit/labels.ts";
import { createNamespace } from "../kit/namespace.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { containerBasics, podSecurity, resources } from "../kit/pod.ts";
import { probe } from "../kit/probes.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { advice, NOT_ENFORCED, ports, readResult, size } from "./config.ts";

/** What the network check needs. */
export interface NetworkCheckArgs {
  /** Where it runs, and where its image comes from. */
  readonly platform: Platform;
}

/** One of the two pods. */
interface PodArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  /** Further labels: what it may access. */
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly container: Omit<k8s.types.input.core.v1.Container, "name">;
}

const NAMESPACE = "network-check";
/** Seconds after which Kubernetes ends a pod that has not ended by itself. */
const LIFE_SECONDS = 900;

/**
 * Tells whether the cluster's network enforces policies, by trying it once: of two pods that may
 * talk at one port alone, one tries the other's ports. Both end, and are left as they are, so that
 * no later update runs them again.
 */
export class NetworkCheck extends pulumi.ComponentResource {
  /** `enforced`, `NOT ENFORCED`, or `not tried: ` and the reason; there once the pods have ended. */
  readonly result: pulumi.Output<string>;

  constructor(name: string, args: NetworkCheckArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "web-greetings:networkCheck:NetworkCheck",
      name,
      {},
      {
        ...opts,
        providers: [args.platform.provider],
      },
    );
    const namespace = createNamespace(
      NAMESPACE,
      { platform: args.platform, holdsData: false },
      this,
    );
    const common = { instance: name, namespace, image: args.platform.image("network-check") };
    const listener = createListener(common, this);
    const prober = createProber(common, listener, this);
    this.result = prober.status.apply((status) => {
      const result = readResult(status);
      if (result === NOT_ENFORCED) void pulumi.log.warn(advice, this);
      return result;
    });
    this.registerOutputs({ result: this.result });
  }
}

/** What both pods share. */
interface Common {
  readonly instance: string;
  readonly namespace: pulumi.Input<string>;
  readonly image: pulumi.Input<string>;
}

/** Where the listener is, at any of its ports. */
type Listener = Omit<Endpoint, "port">;

function identityOf(instance: string, component: string): Identity {
  return { name: "network-check", instance, component, version: appVersion };
}

function createListener(common: Common, parent: pulumi.Resource): Listener {
  const { instance, namespace } = common;
  const name = `${instance}-listener`;
  const identity = identityOf(instance, "listener");
  const accessLabels = accessLabelsFor("network-check");
  const purpose = "The listener is open at two ports, to see whether it is closed at all others.";
  const serves = { ports: [ports.open, ports.noEgress], accessLabels };
  const connected = allowConnections(name, { identity, namespace, purpose, serves }, parent);
  const named = { open: ports.open, "no-ingress": ports.noIngress, "no-egress": ports.noEgress };
  const pod = createPod(
    name,
    {
      identity,
      namespace: connected,
      labels: {},
      annotations: {},
      container: {
        image: common.image,
        args: ["serve"],
        ports: Object.entries(named).map(([port, containerPort]) => ({
          name: port,
          containerPort,
          protocol: "TCP",
        })),
        readinessProbe: probe({ port: "open" }, { every: 1, failures: 3 }),
      },
    },
    parent,
  );
  return {
    // A preview of the first update has a pod without an address.
    host: pod.status.apply((status) => status?.podIP ?? "not-known-yet"),
    tls: false,
    accessLabels,
    server: { namespace, labels: selectorOf(identity) },
  };
}

function createProber(
  common: Common,
  listener: Listener,
  parent: pulumi.Resource,
): k8s.core.v1.Pod {
  const { instance, namespace } = common;
  const name = `${instance}-prober`;
  const identity = identityOf(instance, "prober");
  const purpose = "The prober tries the listener's ports to see whether policies are enforced.";
  const uses = [ports.open, ports.noIngress].map((port) => ({ ...listener, port }));
  const connected = allowConnections(name, { identity, namespace, purpose, uses }, parent);
  return createPod(
    name,
    {
      identity,
      namespace: connected,
      labels: accessTo(uses),
      annotations: { "pulumi.com/waitFor": "jsonpath={.status.phase}=Succeeded" },
      container: { image: common.image, args: ["try", listener.host] },
    },
    parent,
  );
}

function createPod(name: string, args: PodArgs, parent: pulumi.Resource): k8s.core.v1.Pod {
  const { identity, namespace, container } = args;
  const serviceAccount = createServiceAccount(name, { identity, namespace }, parent);
  const closed = [ports.noIngress, ports.noEgress].join(",");
  return new k8s.core.v1.Pod(
    name,
    {
      metadata: {
        ...metadataOf(identity, namespace),
        labels: { ...labelsOf(identity), ...args.labels },
        annotations: { ...args.annotations },
      },
      spec: {
        serviceAccountName: serviceAccount,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        restartPolicy: "Never",
        activeDeadlineSeconds: LIFE_SECONDS,
        terminationGracePeriodSeconds: 5,
        securityContext: podSecurity(),
        containers: [
          {
            name: identity.component,
            env: [
              { name: "OPEN_PORT", value: `${ports.open}` },
              { name: "CLOSED_PORTS", value: closed },
            ],
            resources: resources(size),
            ...containerBasics(),
            ...container,
          },
        ],
      },
    },
    {
      parent,
      // Once is enough: neither a new image nor the address of a pod that ended runs it again.
      ignoreChanges: ["metadata", "spec"],
      customTimeouts: { create: "10m", delete: "1m" },
    },
  );
}
