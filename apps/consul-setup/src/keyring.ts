import type { Call } from "./call.ts";

/** One pool of members, as Consul tells of its keys: how many of its members have each. */
interface Pool {
  readonly WAN: boolean;
  readonly NumNodes: number;
  readonly Keys: Readonly<Record<string, number>>;
  readonly PrimaryKeys: Readonly<Record<string, number>>;
  readonly Messages?: Readonly<Record<string, string>> | null;
}

const PATH = "/v1/operator/keyring";

/**
 * Makes `key` the only key of the gossip: installs it on every member, has them use it, and only
 * then takes the others away, so that at no moment two members lack a common key. Each step is
 * looked for first: a change that was interrupted goes on where it was.
 *
 * @param key 32 bytes in base64
 * @param say told every step, one line each, and no key
 * @throws Error when a step did not reach every member
 */
export async function applyGossipKey(
  call: Call,
  key: string,
  say: (line: string) => void,
): Promise<void> {
  const pools = async () => (await call("GET", PATH)) as readonly Pool[];
  const everyone = (all: readonly Pool[], of: "Keys" | "PrimaryKeys") =>
    all.every((pool) => pool[of][key] === pool.NumNodes);
  let seen = await pools();
  if (!everyone(seen, "Keys")) {
    await call("POST", PATH, { Key: key });
    seen = await pools();
    if (!everyone(seen, "Keys"))
      throw new Error(`gossip key: not installed everywhere: ${count(seen, key)}`);
    say("gossip key: installed");
  }
  if (!everyone(seen, "PrimaryKeys")) {
    await call("PUT", PATH, { Key: key });
    seen = await pools();
    if (!everyone(seen, "PrimaryKeys")) throw new Error("gossip key: not used by every member");
    say("gossip key: in use");
  }
  const others = new Set(seen.flatMap(({ Keys }) => Object.keys(Keys)).filter((of) => of !== key));
  for (const other of others) {
    await call("DELETE", PATH, { Key: other });
    say("gossip key: an old one removed");
  }
}

function count(pools: readonly Pool[], key: string): string {
  return pools.map(({ Keys, NumNodes }) => `${Keys[key] ?? 0} of ${NumNodes}`).join(", ");
}
