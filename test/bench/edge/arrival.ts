import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Client } from "../../live/stack/client.ts";
import { apps, isReady, type Pod, type Stack } from "../../live/stack/fixture.ts";
import type { Scale } from "../../live/stack/scale.ts";
import { until } from "../../until.ts";

const { namespace, selector } = apps.api;

/** Names of the pods of the API that answer on four connections, opened at the same time. */
function askNames(client: Client): Promise<string[]> {
  const ask = async () => {
    const { status, body } = await client.send("GET", "/health/hostname");
    if (status !== 200) throw new Error(`${status}: ${body}`);
    return body;
  };
  return Promise.all([ask(), ask(), ask(), ask()]);
}

/** The pods of the API, once there are as many as asked for and each has answered. */
export async function settle(
  stack: Stack,
  client: Client,
  scale: Scale,
  count: number,
): Promise<readonly Pod[]> {
  await scale.to(count);
  const pods = await stack.pods("api");
  const missing = new Set(pods.map(({ metadata }) => metadata.name));
  await until("all pods of the API answer through the edge", 60, async () => {
    for (const name of await askNames(client)) missing.delete(name);
    return missing.size === 0;
  });
  return pods;
}

/**
 * When a pod of the API that is not among those known was first seen ready, by a watch;
 * milliseconds of `performance.now()`. The condition's own time has but whole seconds.
 */
async function seenReady(stack: Stack, known: ReadonlySet<string>): Promise<number> {
  const watch = new URLSearchParams({ watch: "true", labelSelector: selector });
  const path = `/api/v1/namespaces/${namespace}/pods?${watch}`;
  const child = spawn("kubectl", ["--context", "sandbox", "get", "--raw", path], {
    env: stack.session.environment,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 180_000,
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const { object } = JSON.parse(line) as { readonly object: Pod };
      if (isReady(object) && !known.has(object.metadata.name)) return performance.now();
    }
  } finally {
    child.kill();
  }
  throw new Error("no new pod of the API became ready while it was watched");
}

/**
 * Seconds from when a third pod is seen ready until it answers through the edge; less than 0 when
 * Consul's look at it came before the kubelet's.
 */
export async function arrival(stack: Stack, client: Client, scale: Scale): Promise<number> {
  const pods = await settle(stack, client, scale, 2);
  const known = new Set(pods.map(({ metadata }) => metadata.name));
  const [ready, answered] = await Promise.all([
    seenReady(stack, known),
    until("the new pod answers through the edge", 180, async () => {
      const names = await askNames(client);
      return names.some((name) => !known.has(name)) && performance.now();
    }),
    scale.to(3),
  ]);
  return (answered - ready) / 1000;
}
