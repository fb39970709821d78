import { z } from "zod";
import type { AdminLink, ClusterView, PartitionView } from "../../shared/kafka.ts";
import { describeError } from "../../shared/kafka.ts";

/** A topic as it is declared. */
const declared = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._-]{1,249}$/),
  partitions: z.int().min(1),
  replicas: z.int().min(1),
  config: z.record(z.string(), z.string()),
});
export type DeclaredTopic = z.output<typeof declared>;

/** Topics out of the file's text. Throws with all faults, one a line. */
export function parseTopics(json: string): readonly DeclaredTopic[] {
  const result = z.array(declared).safeParse(JSON.parse(json));
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new Error(`topics are not declared well:\n${faults.join("\n")}`);
  }
  return result.data;
}

/** What applying needs; times in milliseconds. `pause` waits, `print` puts out a line. */
export interface ApplyOptions {
  readonly deadlineMs: number;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  readonly print: (line: string) => void;
}

const RETRY_MS = 500;

/** Asks again until `good`, which throws what is missing. Rejects with that after the deadline. */
async function waitFor<T>(options: ApplyOptions, good: () => Promise<T>): Promise<T> {
  const end = options.now() + options.deadlineMs;
  for (;;) {
    try {
      return await good();
    } catch (error) {
      if (options.now() >= end) {
        throw new Error(`not within ${options.deadlineMs} ms: ${describeError(error)}`);
      }
      await options.pause(RETRY_MS);
    }
  }
}

function partitionsOf(view: ClusterView, topic: string): readonly PartitionView[] {
  return view.partitions.filter((partition) => partition.topic === topic);
}

/** Refuses what cannot be done to topics that exist. Throws with all faults, one a line. */
function requirePossible(view: ClusterView, topics: readonly DeclaredTopic[]): void {
  const faults: string[] = [];
  for (const { name, partitions, replicas } of topics) {
    const existing = partitionsOf(view, name);
    const copies = existing[0]?.replicas.length ?? replicas;
    if (partitions < existing.length) {
      faults.push(
        `topic ${name}: got ${partitions} partitions, allowed: ${existing.length} or more, ` +
          "as the number of partitions cannot be lowered",
      );
    }
    if (replicas !== copies) {
      faults.push(
        `topic ${name}: got ${replicas} replicas, allowed: ${copies}, as it was created; ` +
          "move them with kafka-reassign-partitions",
      );
    }
  }
  if (faults.length > 0) {
    throw new Error(faults.join("\n"));
  }
}

async function applyOne(
  link: AdminLink,
  view: ClusterView,
  topic: DeclaredTopic,
): Promise<readonly string[]> {
  const { name, partitions, replicas, config } = topic;
  const existing = partitionsOf(view, name).length;
  if (existing === 0) {
    await link.createTopic(name, partitions, replicas, config);
    return [`created ${name}: ${partitions} partitions, ${replicas} replicas`];
  }
  const done: string[] = [];
  if (partitions > existing) {
    await link.addPartitions(name, partitions);
    done.push(`raised ${name}: from ${existing} to ${partitions} partitions`);
  }
  const current = await link.topicConfig(name);
  const changed = Object.entries(config).filter(([key, value]) => current.get(key) !== value);
  if (changed.length > 0) {
    await link.setTopicConfig(name, Object.fromEntries(changed));
    for (const [key, value] of changed) {
      done.push(`changed ${name}: ${key} from ${current.get(key) ?? "nothing"} to ${value}`);
    }
  }
  return done.length > 0 ? done : [`unchanged ${name}`];
}

function requireInSync(view: ClusterView, topics: readonly DeclaredTopic[]): void {
  for (const { name, partitions, replicas } of topics) {
    const found = partitionsOf(view, name);
    const whole = found.filter(({ leader, inSync }) => leader >= 0 && inSync.length >= replicas);
    if (whole.length < partitions) {
      throw new Error(
        `topic ${name} has ${whole.length} partitions with all ${replicas} replicas in sync, ` +
          `expected ${partitions}`,
      );
    }
  }
}

/**
 * Makes the cluster's topics as they are declared and waits until all their replicas are in sync.
 * Prints one line for each thing done, and does nothing the second time. Topics and settings that
 * are not declared are left alone. Rejects on what cannot be done, before anything is done.
 */
export async function applyTopics(
  link: AdminLink,
  topics: readonly DeclaredTopic[],
  options: ApplyOptions,
): Promise<void> {
  const needed = Math.max(1, ...topics.map(({ replicas }) => replicas));
  const view = await waitFor(options, async () => {
    const seen = await link.view();
    if (seen.brokers.size < needed) {
      throw new Error(`${seen.brokers.size} brokers are registered, expected ${needed} or more`);
    }
    return seen;
  });
  requirePossible(view, topics);
  for (const topic of topics) {
    for (const line of await applyOne(link, view, topic)) {
      options.print(line);
    }
  }
  await waitFor(options, async () => requireInSync(await link.view(), topics));
}
