import { addresses } from "../addresses.ts";
import type { AddressPort, Direction, ProtocolPorts, Rule, Rules } from "./compile.ts";
import { formatAddress, type Range } from "./ranges.ts";

/** Family and name of the only nftables table that is ours. */
export const policyTable = "inet web-greetings";

/** Deletes the table, whether it is there or not; input for `nft -f -`. */
export const policyTableRemoval = `add table ${policyTable}\ndelete table ${policyTable}\n`;

/** A comment of nftables has 128 bytes at most; names in Kubernetes are ASCII. */
function comment(text: string): string {
  return `comment "${text.length > 120 ? `${text.slice(0, 117)}...` : text}"`;
}

function braces(elements: readonly string[]): string {
  return `{ ${elements.join(", ")} }`;
}

function rangeText({ first, last }: Range, format: (value: number) => string): string {
  return first === last ? format(first) : `${format(first)}-${format(last)}`;
}

function numberedPorts(numbers: readonly ProtocolPorts[]): string {
  const elements = numbers.flatMap(({ protocol, ports }) =>
    ports.map((range) => `${protocol.toLowerCase()} . ${rangeText(range, String)}`),
  );
  return `meta l4proto . th dport ${braces(elements)}`;
}

function namedPorts(named: readonly AddressPort[]): string {
  const elements = named.map(
    ({ address, protocol, port }) =>
      `${formatAddress(address)} . ${protocol.toLowerCase()} . ${port}`,
  );
  return `ip daddr . meta l4proto . th dport ${braces(elements)}`;
}

/** The lines of one rule: one for each kind of port, since each is a set of its own. */
function ruleLines({ peers, ports }: Rule, field: "saddr" | "daddr"): readonly string[] {
  const others = peers
    ? `ip ${field} ${braces(peers.map((range) => rangeText(range, formatAddress)))} `
    : "";
  if (!ports) return [`${others}accept`];
  return [
    ...(ports.numbers.length > 0 ? [`${others}${numberedPorts(ports.numbers)} accept`] : []),
    ...(ports.named.length > 0 ? [`${others}${namedPorts(ports.named)} accept`] : []),
  ];
}

function chain(name: string, lines: readonly string[]): readonly string[] {
  return [`chain ${name} {`, ...lines.map((line) => `  ${line}`), "}"];
}

function collection(
  kind: "set" | "map",
  name: string,
  type: string,
  elements: readonly string[],
): readonly string[] {
  // An empty list of elements is an error to nft.
  const filled = elements.length > 0 ? [`  elements = ${braces(elements)}`] : [];
  return [`${kind} ${name} {`, `  type ${type}`, ...filled, "}"];
}

/**
 * The chains of one direction: one for each policy, one for each group of pods that the same
 * policies isolate, and the map that leads from a pod's address to its group's.
 */
function directionLines(
  name: "egress" | "ingress",
  peer: "saddr" | "daddr",
  { policies, groups }: Direction,
): readonly string[] {
  const members = groups.flatMap(({ addresses }, index) =>
    addresses.map((address) => `${formatAddress(address)} : goto ${name}_pods_${index}`),
  );
  return [
    ...policies.flatMap(({ policy, rules }, index) =>
      chain(`${name}_policy_${index}`, [
        comment(policy),
        ...rules.flatMap((rule) => ruleLines(rule, peer)),
      ]),
    ),
    ...groups.flatMap(({ policies }, index) =>
      chain(`${name}_pods_${index}`, [
        ...policies.map((policy) => `jump ${name}_policy_${policy}`),
        // An error at once; a packet that is dropped costs whoever sent it minutes.
        "reject with icmpx admin-prohibited",
      ]),
    ),
    ...collection("map", `${name}_of`, "ipv4_addr : verdict", members),
  ];
}

/** What holds for every pod, in the direction in which `pod` is its address. */
function guard(pod: "saddr" | "daddr", map: string): readonly string[] {
  return [
    // Pods have no IPv6 address but a link-local one, which would lead around all rules.
    "meta nfproto != ipv4 drop",
    // Replies only: what a client sends is looked at packet by packet, so that a new policy, or a
    // new pod with an old one's address, does not inherit a connection.
    "ct state established ct direction reply accept",
    "ct state related accept",
    // Until its rules stand a pod is out of reach. Broadcasts are for no pod in particular.
    `ip ${pod} != @pods drop`,
    // A pod reaches itself by a Service as well.
    "ip saddr . ip daddr @self accept",
    `ip ${pod} vmap @${map}`,
  ];
}

/**
 * The input for `nft -f -` that puts all rules in place of the former ones, in one transaction.
 * The same rules give the same text.
 *
 * `accept` ends one base chain alone, so each direction has its own: a packet from pod to pod passes
 * both. What the node itself sends takes neither of these hooks: its kubelet reaches every pod.
 */
export function render({ pods, egress, ingress }: Rules): string {
  const bridge = `"${addresses.podBridge}"`;
  const each = pods.map(formatAddress);
  const base = (hook: string, order: number, jump: string) => [
    `type filter hook ${hook} priority filter - ${order}; policy accept;`,
    jump,
  ];
  const lines = [
    ...collection("set", "pods", "ipv4_addr", each),
    ...collection(
      "set",
      "self",
      "ipv4_addr . ipv4_addr",
      each.map((address) => `${address} . ${address}`),
    ),
    ...directionLines("egress", "daddr", egress),
    ...directionLines("ingress", "saddr", ingress),
    ...chain("from_pod", guard("saddr", "egress_of")),
    ...chain("to_pod", guard("daddr", "ingress_of")),
    ...chain("forward_egress", base("forward", 20, `iifname ${bridge} jump from_pod`)),
    ...chain("input_egress", base("input", 20, `iifname ${bridge} jump from_pod`)),
    ...chain("forward_ingress", base("forward", 10, `oifname ${bridge} jump to_pod`)),
  ];
  return `${policyTableRemoval}table ${policyTable} {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}
