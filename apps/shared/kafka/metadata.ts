import { type Base, type BaseOptions, type Connection, metadataV12 } from "@platformatic/kafka";

/** One partition as the cluster sees it; node ids. */
export interface PartitionView {
  readonly topic: string;
  readonly partition: number;
  /** -1 for none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSync: readonly number[];
}

/** The cluster as one broker knows it. */
export interface ClusterView {
  readonly controller: number;
  readonly brokers: ReadonlyMap<number, { readonly host: string; readonly port: number }>;
  readonly partitions: readonly PartitionView[];
}

type Response = Awaited<ReturnType<typeof metadataV12.api.async>>;

/** A partition without a leader is news, not a failure; the client's own metadata fails on it. */
async function ask(connection: Connection, topics: string[] | null): Promise<Response> {
  try {
    return await metadataV12.api.async(connection, topics, false, false);
  } catch (error) {
    const response = (error as { readonly response?: Response }).response;
    if (response) {
      return response;
    }
    throw error;
  }
}

/** Asks over `connection` for `topics`, or for all of them. Topics that do not exist are left out. */
export async function viewOver(
  connection: Connection,
  topics: string[] | null,
): Promise<ClusterView> {
  const response = await ask(connection, topics);
  const brokers = new Map(
    response.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }] as const),
  );
  const partitions = response.topics.flatMap(({ name, partitions: found }) =>
    found.map((one) => ({
      topic: name ?? "",
      partition: one.partitionIndex,
      leader: brokers.has(one.leaderId) ? one.leaderId : -1,
      replicas: one.replicaNodes,
      inSync: one.isrNodes,
    })),
  );
  return { controller: response.controllerId, brokers, partitions };
}

/** Asks the first broker that answers: those in `known`, then those of the settings. */
export async function viewFrom(
  client: Base<BaseOptions>,
  bootstrap: readonly string[],
  known: ClusterView | undefined,
  topics: string[] | null,
): Promise<ClusterView> {
  const listed = bootstrap.map((address) => {
    const at = address.lastIndexOf(":");
    return { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
  });
  const brokers = [...(known?.brokers.values() ?? []), ...listed];
  return await viewOver(await client.connections.getFirstAvailable(brokers), topics);
}
