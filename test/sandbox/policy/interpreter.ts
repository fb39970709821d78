/**
 * Tells what becomes of a packet by the text of a ruleset. It knows the part of nftables that is
 * rendered, and throws on anything else.
 */

/** A packet at a hook. */
export interface Packet {
  readonly hook: "forward" | "input";
  readonly iifname: string;
  readonly oifname: string;
  readonly nfproto?: "ipv4" | "ipv6";
  readonly state?: "new" | "established" | "related";
  readonly direction?: "original" | "reply";
  readonly saddr: string;
  readonly daddr: string;
  readonly l4proto: string;
  readonly dport: number;
}

type Verdict = "accept" | "drop" | "reject" | "continue";

interface Ruleset {
  readonly sets: ReadonlyMap<string, readonly string[]>;
  readonly chains: ReadonlyMap<string, readonly string[]>;
}

/** Reads the one table of a text for `nft -f -`. */
export function parseRuleset(text: string): Ruleset {
  const sets = new Map<string, string[]>();
  const chains = new Map<string, string[]>();
  const lines = text.split("\n").map((line) => line.trim());
  const [add, remove, table, ...body] = lines.filter((line) => line !== "");
  const name = /^table (inet \S+) \{$/.exec(table ?? "")?.[1];
  if (add !== `add table ${name}` || remove !== `delete table ${name}` || body.pop() !== "}") {
    throw new Error("the text does not replace one table");
  }
  let current: string[] | undefined;
  for (const line of body) {
    const [, kind, begun] = /^(set|map|chain) (\S+) \{$/.exec(line) ?? [];
    if (kind !== undefined && begun !== undefined) {
      current = [];
      (kind === "chain" ? chains : sets).set(begun, current);
    } else if (line === "}") current = undefined;
    else if (line.startsWith("elements = {")) current?.push(...elementsOf(line.slice(11)));
    else if (!/^(comment "|type ipv4_addr( \. ipv4_addr| : verdict)?$)/.test(line)) {
      if (!current) throw new Error(`line outside of a block: ${line}`);
      current.push(line);
    }
  }
  return { sets, chains };
}

function elementsOf(text: string): readonly string[] {
  const inner = /^\{ (.+) \}$/.exec(text)?.[1];
  if (inner === undefined) throw new Error(`no elements: ${text}`);
  return inner.split(", ");
}

function numberOf(text: string): number {
  return text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Whether one part of an element (an address, a port, a range of them, a word) is the value. */
function fits(part: string, value: string): boolean {
  const [first, last] = part.split("-");
  if (first === undefined || last === undefined || !/^\d/.test(part)) return part === value;
  return numberOf(first) <= numberOf(value) && numberOf(value) <= numberOf(last);
}

const fieldOf: Readonly<Record<string, (packet: Packet) => string>> = {
  iifname: ({ iifname }) => `"${iifname}"`,
  oifname: ({ oifname }) => `"${oifname}"`,
  "meta nfproto": ({ nfproto = "ipv4" }) => nfproto,
  "ct state": ({ state = "new" }) => state,
  "ct direction": ({ direction = "original" }) => direction,
  "ip saddr": ({ saddr }) => saddr,
  "ip daddr": ({ daddr }) => daddr,
  "meta l4proto": ({ l4proto }) => l4proto,
  "th dport": ({ dport }) => String(dport),
};

const field =
  "iifname|oifname|meta nfproto|ct state|ct direction|ip [sd]addr|meta l4proto|th dport";
const match = new RegExp(
  `^((?:${field})(?: \\. (?:${field}))*) (vmap |!= )?(@\\S+|\\{ .*? \\}|"\\S+"|\\w+)(?: |$)`,
);

/** Runs one rule: its matches from the left, then what it says. */
function runRule(ruleset: Ruleset, rule: string, packet: Packet): Verdict {
  let rest = rule;
  for (;;) {
    const [all, fields, operator, operand] = match.exec(rest) ?? [];
    if (all === undefined || fields === undefined || operand === undefined) break;
    rest = rest.slice(all.length);
    const names = fields.split(" . ");
    // A match on a field of IPv4 is none for other packets.
    if (fields.includes("ip ") && packet.nfproto === "ipv6") return "continue";
    const values = names.map((name) => fieldOf[name]?.(packet) ?? "");
    const elements = operand.startsWith("{")
      ? elementsOf(operand)
      : operand.startsWith("@")
        ? ruleset.sets.get(operand.slice(1))
        : [operand];
    if (!elements) throw new Error(`no set ${operand}`);
    const found = elements.find((element) => {
      const parts = element.split(" : ")[0]?.split(" . ") ?? [];
      if (parts.length !== values.length) throw new Error(`${element} does not fit ${fields}`);
      return parts.every((part, index) => fits(part, values[index] ?? ""));
    });
    if (operator === "vmap ") {
      return found ? runStatement(ruleset, found.split(" : ")[1] ?? "", packet) : "continue";
    }
    if ((found !== undefined) === (operator === "!= ")) return "continue";
  }
  return runStatement(ruleset, rest, packet);
}

function runStatement(ruleset: Ruleset, statement: string, packet: Packet): Verdict {
  if (statement === "accept" || statement === "drop") return statement;
  if (statement === "reject with icmpx admin-prohibited") return "reject";
  const [, how, chain] = /^(jump|goto) (\S+)$/.exec(statement) ?? [];
  if (chain === undefined) throw new Error(`unknown statement: ${statement}`);
  const verdict = runChain(ruleset, chain, packet);
  // After `goto` the caller's next rule is not reached: only the end of the base chain is left.
  return how === "goto" && verdict === "continue" ? "accept" : verdict;
}

function runChain(ruleset: Ruleset, name: string, packet: Packet): Verdict {
  const rules = ruleset.chains.get(name);
  if (!rules) throw new Error(`no chain ${name}`);
  for (const rule of rules) {
    if (rule.startsWith("type filter hook ")) continue;
    const verdict = runRule(ruleset, rule, packet);
    if (verdict !== "continue") return verdict;
  }
  return "continue";
}

/** What becomes of a packet: every base chain of its hook has to let it through. */
export function verdictOf(ruleset: Ruleset, packet: Packet): "accept" | "drop" | "reject" {
  const bases = [...ruleset.chains].filter(([, rules]) =>
    rules[0]?.startsWith(`type filter hook ${packet.hook} priority filter - `),
  );
  if (bases.length === 0) throw new Error(`no chain at the hook ${packet.hook}`);
  for (const [name] of bases) {
    const verdict = runChain(ruleset, name, packet);
    if (verdict === "drop" || verdict === "reject") return verdict;
  }
  return "accept";
}
