import type { ClusterView, PartitionView } from "../../shared/kafka.ts";

/** `topic-partition` of a partition, as Kafka writes it. */
function nameOf({ topic, partition }: PartitionView): string {
  return `${topic}-${partition}`;
}

/**
 * Why broker `id` must not be counted on, or undefined: it is not registered, or it is not in the
 * in-sync replicas of a partition that it has a copy of (at most three are named).
 */
export function whyNotInSync(view: ClusterView, id: number): string | undefined {
  if (!view.brokers.has(id)) {
    return `broker ${id} is not registered`;
  }
  const behind = view.partitions.filter(
    ({ replicas, inSync }) => replicas.includes(id) && !inSync.includes(id),
  );
  const named = behind.slice(0, 3).map(nameOf).join(", ");
  return behind.length > 0
    ? `broker ${id} is out of sync in ${behind.length} partitions: ${named}`
    : undefined;
}

/** Counts over the whole cluster. */
export interface Counts {
  readonly underReplicated: number;
  readonly offline: number;
}

/** Partitions with fewer in-sync replicas than replicas, and partitions without a leader. */
export function countPartitions(view: ClusterView): Counts {
  return {
    underReplicated: view.partitions.filter((p) => p.inSync.length < p.replicas.length).length,
    offline: view.partitions.filter((p) => p.leader < 0).length,
  };
}
