import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { addresses } from "../../../sandbox/addresses.ts";
import type { NetworkPolicy, Pod } from "../../policy/evaluator.ts";
import { allows, type Cluster, type Namespace, type Peer } from "../../policy/evaluator.ts";
import {
  connectionsFile,
  type Edge,
  EVERY_POD,
  outsiders,
  readConnections,
} from "../../stack/connectionsTable.ts";
import type { Target } from "./connectionsAttempts.ts";
import { type LivePod, livePods, tryFrom } from "./connectionsPods.ts";
import type { Stack } from "./fixture.ts";

/** What can be connected to. */
interface Place {
  /** Where to connect. */
  readonly target: Target;
  /** Who that is, after a service's address has been replaced. */
  readonly server: Peer;
  /** The same in docs/connections.md, and the port there. */
  readonly name: string;
  readonly port: number;
  /** False: nobody listens, so that a packet's arrival is all that can be seen. */
  readonly isServed: boolean;
}

/** A connection that was tried. */
interface Trial {
  readonly client: string;
  readonly isOurs: boolean;
  readonly isSelf: boolean;
  readonly place: Place;
  readonly isAllowed: boolean;
  /** The packet got there. */
  readonly isOpen: boolean;
  readonly isAnswered: boolean;
}

const METADATA = "169.254.169.254";
const { node, apiPort, apiService, dns, registry } = addresses;
/** The node's address on the pods' own bridge. */
const gateway = addresses.podCidr.replace(/\.0\/\d+$/, ".1");

const isOurs = ({ metadata }: Pod) =>
  metadata.labels?.["app.kubernetes.io/part-of"] === "web-greetings";
const isDns = ({ metadata }: Pod) =>
  metadata.namespace === "kube-system" && metadata.labels?.["k8s-app"] === "kube-dns";

function nameOf(pod: Pod): string {
  if (isDns(pod)) return outsiders.dns;
  if (!isOurs(pod)) return outsiders.pod;
  return `${pod.metadata.namespace}/${pod.metadata.labels?.["app.kubernetes.io/component"]}`;
}

/** A port of a server, reached there or at another target that stands for it. */
function placeAt(
  server: Peer,
  name: string,
  port: number,
  target: Partial<Target> & { readonly address: string },
  isServed = true,
): Place {
  return { target: { protocol: "TCP", port, ...target }, server, name, port, isServed };
}

function placesInPods({ pod, address, listening }: LivePod): Place[] {
  const served = listening.map((port) => placeAt({ pod }, nameOf(pod), port, { address }));
  if (isOurs(pod)) return served;
  const https = [443, 8443].map((port) =>
    placeAt({ pod }, nameOf(pod), port, { address }, listening.includes(port)),
  );
  if (!isDns(pod)) return [...served, ...https];
  return [
    ...served,
    placeAt({ pod }, outsiders.dns, 53, { address, protocol: "UDP" }),
    placeAt({ pod }, outsiders.dns, 53, { address: dns, protocol: "UDP" }),
    placeAt({ pod }, outsiders.dns, 53, { address: dns }),
  ];
}

function placesOnTheMachine(): Place[] {
  const machine: Peer = { address: node };
  const unserved = [Number(registry.split(":")[1]), 53];
  return [
    placeAt(machine, outsiders.node, apiPort, { address: node }),
    placeAt(machine, outsiders.node, apiPort, { address: apiService, port: 443 }),
    placeAt(machine, outsiders.node, 10250, { address: node }),
    ...unserved.map((port) => placeAt(machine, outsiders.node, port, { address: node }, false)),
    placeAt(machine, outsiders.node, 53, { address: node, protocol: "UDP" }),
    placeAt({ address: gateway }, outsiders.node, 10250, { address: gateway }, false),
    placeAt({ address: METADATA }, outsiders.address, 80, { address: METADATA }, false),
  ];
}

/** Whether a row of the list says so. */
function isListed(edge: Edge, { client, isOurs: ours, place }: Trial): boolean {
  const { name, port, target } = place;
  const wanted = target.protocol === "TCP" ? `${port}` : `${port}/${target.protocol}`;
  return (
    edge.server === name &&
    (edge.client === client || (ours && edge.client === EVERY_POD)) &&
    edge.ports.some((each) => each.split(" ")[0] === wanted)
  );
}

async function tryAll(pods: readonly LivePod[], cluster: Cluster): Promise<Trial[]> {
  const places = [...pods.flatMap(placesInPods), ...placesOnTheMachine()];
  const trials: Trial[] = [];
  for (const { pod, network } of pods) {
    const targets = places.map(({ target }) => target);
    const outcomes = await tryFrom(network, targets);
    places.forEach((place, index) => {
      const { server, port, target } = place;
      const connection = { from: { pod }, to: server, port, protocol: target.protocol };
      trials.push({
        client: isOurs(pod) ? nameOf(pod) : outsiders.pod,
        isOurs: isOurs(pod),
        isSelf: "pod" in server && server.pod === pod,
        place,
        isAllowed: allows(cluster, connection),
        isOpen: outcomes[index] !== "refused",
        isAnswered: outcomes[index] === "connected",
      });
    });
  }
  return trials;
}

const describeTrial = ({ client, place: { name, target } }: Trial) =>
  `${client} > ${name} ${target.address}:${target.port}/${target.protocol}`;

/** Every pair of pods and every port, tried for real against the policies and the list of them. */
export function connections(stack: () => Stack): void {
  describe("as its pods connect", () => {
    const edges = readConnections(readFileSync(connectionsFile, "utf8"));
    let trials: readonly Trial[] = [];
    let borrowed = false;
    // Answers on the node: kernels ration the messages that say that nobody listens.
    const echo = createSocket("udp4");
    echo.on("message", (text, from) => echo.send(text, from.port, from.address));

    before(async () => {
      await new Promise<void>((resolve) => echo.bind(53, node, resolve));
      // An address of this machine itself meanwhile, so that no packet to it can leave.
      const held = await stack().ask("ip", "-o", "address", "show", "to", METADATA);
      if (held === "") {
        await stack().ask("ip", "address", "add", `${METADATA}/32`, "dev", "lo");
        borrowed = true;
      }
      const list = async <T>(kind: string) => (await stack().get<{ items: T[] }>(kind, "-A")).items;
      const cluster = {
        pods: await list<Pod>("pods"),
        namespaces: await list<Namespace>("namespaces"),
        policies: await list<NetworkPolicy>("networkpolicies"),
        nodes: [node, gateway],
      };
      const pods = await livePods(stack(), cluster.pods);
      trials = await tryAll(pods, cluster);
      const open = trials.filter(({ isOpen }) => isOpen).length;
      console.log(
        `      ${pods.length} pods, ${trials.length} connections tried, ${open} connected`,
      );
    });
    after(async () => {
      echo.close();
      if (borrowed) await stack().ask("ip", "address", "del", `${METADATA}/32`, "dev", "lo");
    });

    it("connects where its policies allow it, and nowhere else", () => {
      assert.ok(trials.length > 100, `${trials.length} trials`);
      const unexpected = trials
        .filter(
          ({ isAllowed, isOpen, isAnswered, place }) =>
            isAllowed !== isOpen || (isOpen && place.isServed && !isAnswered),
        )
        .map((trial) => `${trial.isOpen ? "open" : "closed"}: ${describeTrial(trial)}`);
      assert.deepEqual(unexpected, []);
    });

    it("connects where docs/connections.md says so, and nowhere else", () => {
      const unexpected = trials
        .filter(({ isOurs: ours, isSelf, place }) => !isSelf && (ours || place.name.includes("/")))
        .filter((trial) => trial.isOpen !== edges.some((edge) => isListed(edge, trial)))
        .map((trial) => `${trial.isOpen ? "open" : "closed"}: ${describeTrial(trial)}`);
      assert.deepEqual(unexpected, []);
    });

    it("has tried every row of the list but those whose pods have ended, or are not here", () => {
      const ended = ["influxdb/set-up", "kafka/topics", "network-check/listener"];
      const missing = [...ended, "grafana/server", outsiders.address];
      const untried = edges
        .filter(({ client, server }) => !missing.includes(client) && !missing.includes(server))
        .filter((edge) => !trials.some((trial) => trial.isOpen && isListed(edge, trial)))
        .map(({ client, server }) => `${client} > ${server}`);
      assert.deepEqual(untried, []);
    });
  });
}
