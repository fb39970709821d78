import { join } from "node:path";

/** Who may open connections to whom, as a row of docs/connections.md. */
export interface Edge {
  /** Pods as `<namespace>/<component>`, or one of those in `outsiders`. */
  readonly server: string;
  /** `<port>[/UDP][ (<name>)]`, TCP where nothing is said. */
  readonly ports: readonly string[];
  readonly client: string;
  readonly why: string;
}

/** Where the list is committed. */
export const connectionsFile = join(__dirname, "../../docs/connections.md");

/** The client of rows that all pods of the stack share. */
export const EVERY_POD = "every pod of the stack";

/** Names of what is not of the stack. */
export const outsiders = {
  dns: "the cluster's DNS",
  node: "a node or the API server",
  pod: "any other pod",
  address: "any address outside",
} as const;

/** docs/connections.md of these connections. */
export function renderConnections(edges: readonly Edge[]): string {
  const rows = edges.map(
    ({ server, ports, client, why }) => `| ${server} | ${ports.join(", ")} | ${client} | ${why} |`,
  );
  return `# Connections

Who may open a connection to whom, generated from the dev stack's network policies by
\`npm run reference\`. Pods go by their namespace and the part they play, ports by number (TCP where
nothing is said) and the name that their container gives them. What is not here is refused, where the
cluster's network enforces policies: \`make output name=networkPolicies\` tells. Besides, a node reaches
the pods on it, for their probes, and a pod reaches itself.

| server | port | client | why |
|--------|------|--------|-----|
${rows.join("\n")}
`;
}

/** The rows of a docs/connections.md. */
export function readConnections(markdown: string): Edge[] {
  return markdown
    .split("\n")
    .flatMap((line) => {
      const [, server, ports, client, why] = line.split("|").map((cell) => cell.trim());
      return server && ports && client && why
        ? [{ server, ports: ports.split(", "), client, why }]
        : [];
    })
    .slice(2);
}
