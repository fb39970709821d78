import assert from "node:assert/strict";
import fc from "fast-check";
import { addresses } from "../../../sandbox/addresses.ts";
import { compile } from "../../../sandbox/policy/compile.ts";
import { isMember, membersOf } from "../../../sandbox/policy/members.ts";
import { render } from "../../../sandbox/policy/render.ts";
import { allows, type Peer } from "../../policy/evaluator.ts";
import { type Objects, objects, triedPorts } from "./arbitrary.ts";
import { type Packet, parseRuleset, verdictOf } from "./interpreter.ts";

const protocols = ["TCP", "UDP", "SCTP"] as const;
const outside = ["8.8.8.8", "9.9.9.9", "10.0.0.7", addresses.node];

function textOf({ pods, namespaces, policies }: Objects): string {
  const members = membersOf(pods, ({ status }) => status?.podIP);
  return render(compile({ members, namespaces, policies }));
}

/** One end of a connection: what the evaluator is told of it, and its address. */
interface End {
  readonly peer: Peer;
  readonly address: string;
  readonly isPod: boolean;
}

function endsOf({ pods }: Objects): readonly End[] {
  const inNetwork = pods.filter(isMember).map((pod) => ({
    peer: { pod },
    address: pod.status?.podIP ?? "",
    isPod: true,
  }));
  return [
    ...inNetwork,
    ...outside.map((address) => ({ peer: { address }, address, isPod: false })),
  ];
}

/** The way of a connection's first packet: through which hook, from which device to which. */
function wayOf(from: End, to: End): Pick<Packet, "hook" | "iifname" | "oifname"> {
  const device = ({ isPod }: End) => (isPod ? addresses.podBridge : "eth0");
  const hook = to.address === addresses.node ? "input" : "forward";
  return { hook, iifname: device(from), oifname: hook === "input" ? "" : device(to) };
}

/** Compares the ruleset with the specification, over all pairs of ends, protocols and ports. */
function compare(cluster: Objects): void {
  const ruleset = parseRuleset(textOf(cluster));
  const ends = endsOf(cluster);
  for (const from of ends) {
    for (const to of ends) {
      // Between two that are no pods nothing is ours; what the node sends takes no hook of ours.
      if ((!from.isPod && !to.isPod) || from.address === addresses.node) continue;
      for (const protocol of protocols) {
        for (const port of triedPorts) {
          const expected = allows(
            { ...cluster, nodes: [addresses.node] },
            { from: from.peer, to: to.peer, protocol, port },
          );
          const verdict = verdictOf(ruleset, {
            ...wayOf(from, to),
            saddr: from.address,
            daddr: to.address,
            l4proto: protocol.toLowerCase(),
            dport: port,
          });
          const what = `${from.address} > ${to.address}:${port}/${protocol}`;
          assert.equal(verdict, expected ? "accept" : "reject", what);
        }
      }
    }
  }
}

describe("rulesets of network policies", function () {
  this.timeout(120_000);

  it("let through what the specification does, and nothing else", () => {
    fc.assert(fc.property(objects, compare), { numRuns: 200 });
  });

  it("do not depend on the order of the objects", () => {
    fc.assert(
      fc.property(objects, (cluster) => {
        const reversed = {
          pods: cluster.pods.toReversed(),
          namespaces: cluster.namespaces.toReversed(),
          policies: cluster.policies.toReversed(),
        };
        assert.equal(textOf(reversed), textOf(cluster));
      }),
    );
  });

  it("let replies and related errors through, whatever the rules are", () => {
    fc.assert(
      fc.property(objects, fc.constantFrom("forward", "input"), (cluster, hook) => {
        const ruleset = parseRuleset(textOf(cluster));
        const bridge = addresses.podBridge;
        const packet = { hook, iifname: bridge, oifname: bridge, l4proto: "tcp", dport: 40000 };
        const pod = { ...packet, saddr: "10.201.0.1", daddr: "10.201.0.2" } as const;
        assert.equal(
          verdictOf(ruleset, { ...pod, state: "established", direction: "reply" }),
          "accept",
        );
        assert.equal(verdictOf(ruleset, { ...pod, state: "related" }), "accept");
      }),
    );
  });

  it("take what a client sends on a connection for what it sends first", () => {
    fc.assert(
      fc.property(objects, (cluster) => {
        const ruleset = parseRuleset(textOf(cluster));
        const [from, to] = endsOf(cluster);
        if (!from?.isPod || !to) return;
        const packet = { ...wayOf(from, to), saddr: from.address, daddr: to.address };
        const web = { ...packet, l4proto: "tcp", dport: 80 } as const;
        assert.equal(
          verdictOf(ruleset, { ...web, state: "established", direction: "original" }),
          verdictOf(ruleset, web),
        );
      }),
    );
  });

  it("let nothing to and from an address of no pod, and no IPv6", () => {
    fc.assert(
      fc.property(objects, (cluster) => {
        const ruleset = parseRuleset(textOf(cluster));
        const bridge = addresses.podBridge;
        const tcp = { hook: "forward", l4proto: "tcp", dport: 80 } as const;
        const [stranger, pod, other] = ["10.201.9.9", "10.201.0.1", "8.8.8.8"];
        const drops: readonly Packet[] = [
          { ...tcp, iifname: bridge, oifname: "eth0", saddr: stranger, daddr: other },
          { ...tcp, iifname: bridge, oifname: bridge, saddr: stranger, daddr: pod },
          { ...tcp, iifname: "eth0", oifname: bridge, saddr: other, daddr: stranger },
          { ...tcp, iifname: bridge, oifname: "", saddr: stranger, daddr: other, hook: "input" },
          { ...tcp, iifname: "eth0", oifname: bridge, saddr: other, daddr: "255.255.255.255" },
          { ...tcp, iifname: bridge, oifname: bridge, saddr: "", daddr: "", nfproto: "ipv6" },
          { ...tcp, iifname: "eth0", oifname: bridge, saddr: "", daddr: "", nfproto: "ipv6" },
        ];
        for (const packet of drops) assert.equal(verdictOf(ruleset, packet), "drop");
      }),
    );
  });

  it("leave alone what does not come from pods or go to them", () => {
    const ruleset = parseRuleset(textOf({ pods: [], namespaces: [], policies: [] }));
    const tcp = { l4proto: "tcp", dport: 80, saddr: "10.201.0.1", daddr: "10.201.0.1" } as const;
    for (const hook of ["forward", "input"] as const) {
      assert.equal(verdictOf(ruleset, { ...tcp, hook, iifname: "lo", oifname: "eth0" }), "accept");
    }
  });
});
