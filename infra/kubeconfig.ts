import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const file = z.object({
  contexts: z
    .array(z.object({ name: z.string(), context: z.object({ cluster: z.string() }) }))
    .nullish(),
  clusters: z
    .array(z.object({ name: z.string(), cluster: z.object({ server: z.string() }) }))
    .nullish(),
});

/** URLs of API servers by the name of the context that leads to them. */
export type Contexts = ReadonlyMap<string, string>;

/**
 * The contexts of some kubeconfig files, the first mention of a name winning as with kubectl.
 *
 * @param texts contents of the files, YAML, in the order of KUBECONFIG
 * @throws Error when a text is not a kubeconfig
 */
export function readContexts(texts: readonly string[]): Contexts {
  const files = texts.map((text) => file.parse(parse(text) ?? {}));
  const servers = new Map<string, string>();
  for (const { name, cluster } of files.flatMap((f) => f.clusters ?? [])) {
    if (!servers.has(name)) servers.set(name, cluster.server);
  }
  const contexts = new Map<string, string>();
  for (const { name, context } of files.flatMap((f) => f.contexts ?? [])) {
    const server = servers.get(context.cluster);
    if (server !== undefined && !contexts.has(name)) contexts.set(name, server);
  }
  return contexts;
}

/**
 * The contexts that this machine knows: of the files that KUBECONFIG lists, or of ~/.kube/config.
 * Files that are not there count as empty.
 */
export function loadContexts(environment: NodeJS.ProcessEnv = process.env): Contexts {
  const list = environment.KUBECONFIG || path.join(os.homedir(), ".kube", "config");
  const files = list.split(path.delimiter).filter((name) => name !== "" && fs.existsSync(name));
  return readContexts(files.map((name) => fs.readFileSync(name, "utf8")));
}
