import assert from "node:assert/strict";
import { addresses } from "../../../sandbox/addresses.ts";
import type { NetworkPolicy } from "../../../sandbox/policy/objects.ts";
import { policyTable } from "../../../sandbox/policy/render.ts";
import { createRun } from "../../../sandbox/run.ts";
import { allows } from "../../policy/evaluator.ts";
import { until } from "../../until.ts";
import { requireLive } from "../harness.ts";
import {
  type Attempt,
  attempt,
  controlPort,
  hostPorts,
  type Outcome,
  outcomeOf,
  serverPorts,
} from "./policyAgent.ts";
import { type Case, namespaces } from "./policyCase.ts";
import { cases } from "./policyCases.ts";
import {
  call,
  isPodName,
  makeCluster,
  type PolicyCluster,
  pathOf,
  removeCluster,
} from "./policyCluster.ts";

const run = createRun();
const metadata = "169.254.169.254";
const dbName = `db.live-policy.svc.${addresses.clusterDomain}`;

/** The server of a try: where to connect, and how. */
interface Target extends Attempt {
  /** The name of the pod or of what else it is. */
  readonly name: string;
}

describe("live: network policies", function () {
  this.timeout(120_000);
  let cluster: PolicyCluster;
  /** Milliseconds from the API server's answer until the rules stood, case by case. */
  const delays: number[] = [];
  let tried = 0;

  const addressOf = (name: string): string => cluster.pods[name]?.status?.podIP ?? "";

  const targetOf = (server: string): Target => {
    const [, name = "", port, way = "TCP"] = /^(\w+)(?::(\d+))?(?:\/(\w+))?$/.exec(server) ?? [];
    assert.ok(way === "TCP" || way === "UDP", server);
    const patience = 1500;
    const usual = name === "host" ? hostPorts.server : 6379;
    const common = { name, way, port: Number(port ?? usual), patience } as const;
    switch (name) {
      case "api":
        return { ...common, host: addresses.apiService, port: 443 };
      case "dns":
        return { ...common, host: dbName, way: "DNS" };
      case "metadata":
        return { ...common, host: metadata };
      case "node":
        return { ...common, host: addresses.node };
      case "service":
        return { ...common, host: cluster.service, port: 80 };
      default:
        assert.ok(isPodName(name), server);
        return { ...common, host: addressOf(name) };
    }
  };

  const agentOf = (client: string) => {
    // The agent on the node's network is the node.
    const isHost = client === "host" || client === "node";
    return isHost
      ? { address: addresses.node, control: hostPorts.control }
      : { address: addressOf(client), control: controlPort };
  };

  const connect = async (client: string, target: Target): Promise<Outcome> => {
    tried += 1;
    return outcomeOf(target.way, await attempt(agentOf(client), target));
  };

  /** The try in the other direction: the same port where the client is a server as well. */
  const reverse = (client: string, { port, way }: Target): Target => {
    const known = serverPorts.some((each) => each === port) || port === 7 ? port : 6379;
    return targetOf(`${client}:${client === "host" ? hostPorts.server : known}/${way}`);
  };

  const replacePolicies = async (index: number, { policies }: Case): Promise<void> => {
    const folder = pathOf("live-policy", "networkpolicies");
    await call("DELETE", folder);
    const names = policies.map((_, n) => `case-${index}-${n}`);
    for (const [n, spec] of policies.entries()) {
      await call("POST", folder, { metadata: { name: names[n] }, spec });
    }
    const begin = performance.now();
    await until("the rules of the case, and no other", 10, async () => {
      const text = await run("nft", ["list", "table", ...policyTable.split(" ")]);
      const found = new Set(text.match(/case-\d+-\d+/g) ?? []);
      return found.size === names.length && names.every((name) => found.has(name));
    });
    delays.push(performance.now() - begin);
  };

  /** What the specification says of a try between pods, addresses and the node. */
  const expected = (policies: Case["policies"], client: string, target: Target): boolean => {
    const peerOf = (name: string, address: string) => {
      const pod = cluster.pods[name];
      return pod ? { pod } : { address };
    };
    const objects = policies.map(
      (spec, n): NetworkPolicy => ({ metadata: { namespace: "live-policy", name: `${n}` }, spec }),
    );
    return allows(
      {
        namespaces: Object.entries(namespaces).map(([name, labels]) => ({
          metadata: { name, labels },
        })),
        pods: Object.values(cluster.pods),
        policies: objects,
        nodes: [addresses.node],
      },
      {
        from: peerOf(client, addresses.node),
        to: peerOf(target.name, target.host),
        protocol: target.way === "UDP" ? "UDP" : "TCP",
        port: target.port,
      },
    );
  };

  before(async function () {
    requireLive(this);
    cluster = await makeCluster();
    // What is sent there stays on this machine, where nobody listens at it.
    await run("ip", ["address", "add", `${metadata}/32`, "dev", "lo"]);
  });
  after(async () => {
    if (!cluster) return;
    await run("ip", ["address", "delete", `${metadata}/32`, "dev", "lo"]);
    await removeCluster();
    const slowest = Math.round(Math.max(...delays));
    console.log(`        ${tried} connections; rules stood within ${slowest} ms of each change`);
  });

  for (const [index, each] of cases.entries()) {
    it(each.title, async () => {
      await replacePolicies(index, each);
      const findings = each.tries.flatMap(([client, server, there, back]) => {
        const target = targetOf(server);
        const tries = [{ from: client, target, outcome: there }];
        if (back) {
          tries.push({ from: target.name, target: reverse(client, target), outcome: back });
        }
        return tries;
      });
      const results = await Promise.all(
        findings.map(async ({ from, target, outcome }) => {
          const what = `${from} > ${target.name}:${target.port}/${target.way}`;
          if (!["service", "api", "dns"].includes(target.name)) {
            const isOpen = expected(each.policies, from, target);
            assert.equal(outcome !== "closed", isOpen, `the table is wrong: ${what}`);
          }
          return `${what} ${await connect(from, target)}`;
        }),
      );
      assert.deepEqual(
        results,
        findings.map(
          ({ from, target, outcome }) =>
            `${from} > ${target.name}:${target.port}/${target.way} ${outcome}`,
        ),
      );
    });
  }

  it("had rules in force within a second of each change", () => {
    assert.equal(delays.length, cases.length);
    assert.ok(Math.max(...delays) < 1000, `${delays}`);
  });
});
