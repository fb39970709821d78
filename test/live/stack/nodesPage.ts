/** How a command of kubectl is typed at a cluster of one node: with more, or not at all. */
type Way = { readonly more: string } | { readonly leftOut: string };

const asItStands: Way = { more: "" };

/** By how commands begin; the first that fits counts. */
const ways: readonly (readonly [beginning: string, way: Way])[] = [
  ["kubectl get nodes --watch", { leftOut: "it ends by Ctrl-C alone" }],
  ["kubectl get ", asItStands],
  ['id=$(kubectl get node "$node" ', asItStands],
  // Of a node that takes pods already it says so.
  ['kubectl uncordon "$node"', asItStands],
  // The only node stays as it is: the server says what it would do. It asks again for pods that their
  // budget keeps, so not for half an hour.
  ['kubectl drain "$node" ', { more: " --dry-run=server --timeout=180s" }],
  ["kubectl delete namespace network-check", { more: " --dry-run=server" }],
];

/** Whether a command calls kubectl. */
export function callsKubectl(command: string): boolean {
  return /(^|[\s;(])kubectl [a-z]/.test(command);
}

/** The commands of a page as they are typed, and the others with the reason why not. */
export interface Lines {
  readonly typed: readonly string[];
  readonly leftOut: readonly string[];
}

/**
 * Sees to it that each command of docs/runbooks/nodes.md that calls kubectl is typed, or left out for
 * a reason.
 *
 * @param commands all commands of the page; those that do not call kubectl are not looked at
 * @param node name of a node, typed in place of the one that the page has as an example
 * @throws Error about a command of which neither is known, and about a way that no command goes
 */
export function linesOf(commands: readonly string[], node: string): Lines {
  const typed: string[] = [];
  const leftOut: string[] = [];
  const unused = new Set(ways.map(([beginning]) => beginning));
  for (const command of commands.filter(callsKubectl)) {
    const [beginning = "", way] = ways.find(([begins]) => command.startsWith(begins)) ?? [];
    if (!way) {
      throw new Error(
        `${command}: add how it is typed, or why not, to test/live/stack/nodesPage.ts`,
      );
    }
    unused.delete(beginning);
    if ("leftOut" in way) leftOut.push(`${command}: ${way.leftOut}`);
    else typed.push(`node=${node}; ${command}${way.more}`);
  }
  if (unused.size > 0) throw new Error(`nothing on the page is like ${[...unused].join(", ")}`);
  return { typed, leftOut };
}
