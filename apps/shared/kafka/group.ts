import { type Connection, ConnectionPool, Consumer, offsetCommitV8 } from "@platformatic/kafka";
import { BrokerError, clientOptions, type KafkaSettings, Router, request } from "./client.ts";
import {
  decodeFetch,
  encodeFetch,
  FETCH,
  type FetchedPartition,
  type FetchLimits,
  type Position,
} from "./wire.ts";

/** What the group's coordinator gave this member, valid for one generation of the group. */
export interface Assignment {
  readonly generation: number;
  readonly partitions: readonly number[];
}

/** What a member hears of its group. Called synchronously. */
export interface GroupEvents {
  /** The group is about to be divided anew: commit what is done at once, take up nothing more. */
  rebalancing(): void;
  assigned(assignment: Assignment): void;
  /** Membership is lost for good: close the link and open another. */
  lost(error: Error): void;
}

/** Membership of one consumer group that reads one topic. */
export interface GroupLink {
  /** Joins; the assignment arrives through the events. */
  join(events: GroupEvents): Promise<void>;
  /** Node id of each partition's leader, -1 where there is none; asked anew. */
  leaders(): Promise<readonly number[]>;
  /** Where to read on: the committed offset, else the earliest one. */
  startOffsets(partitions: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** The earliest offset that the partition still holds. */
  earliest(partition: number): Promise<number>;
  /** Waits up to `limits.waitMs` for records. Throws `BrokerError` where the whole request failed. */
  fetch(
    leader: number,
    positions: readonly Position[],
    limits: FetchLimits,
  ): Promise<readonly FetchedPartition[]>;
  /** Commits offsets (partition -> next to read) as of that generation; refused by the broker after it. */
  commit(generation: number, offsets: ReadonlyMap<number, number>): Promise<void>;
  /** Joins again, for another division: the number of partitions has changed. */
  rejoin(): Promise<void>;
  /** When the coordinator last heard from this member, in milliseconds since 1970; 0 for never. */
  lastHeartbeat(): number;
  /** Leaves the group and closes all connections. */
  close(): Promise<void>;
}

/** How a member takes part; times in milliseconds. */
export interface GroupSettings {
  readonly groupId: string;
  readonly topic: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatMs: number;
}

const FAILED_TO_COMMIT = "offsets were not committed";

class Member implements GroupLink {
  readonly #consumer: Consumer;
  readonly #fetches: ConnectionPool;
  readonly #router: Router;
  readonly #group: GroupSettings;

  constructor(kafka: KafkaSettings, group: GroupSettings) {
    // A join is answered when all members have come or the rebalance has timed out.
    const options = clientOptions(kafka, group.rebalanceTimeoutMs + 5000);
    this.#group = group;
    this.#consumer = new Consumer({
      ...options,
      groupId: group.groupId,
      sessionTimeout: group.sessionTimeoutMs,
      rebalanceTimeout: group.rebalanceTimeoutMs,
      heartbeatInterval: group.heartbeatMs,
    });
    // Fetches wait on the broker; on a connection of their own they hold up no heartbeat.
    this.#fetches = new ConnectionPool(kafka.clientId, options);
    this.#router = new Router(this.#consumer, kafka, group.topic, this.#fetches);
  }

  async join(events: GroupEvents): Promise<void> {
    const consumer = this.#consumer;
    consumer.on("consumer:group:rebalance", () => events.rebalancing());
    consumer.on("consumer:group:join", ({ generationId, assignments }) => {
      const own = assignments?.find(({ topic }) => topic === this.#group.topic);
      events.assigned({ generation: generationId ?? 0, partitions: own?.partitions ?? [] });
    });
    consumer.on("consumer:heartbeat:stalled", ({ lastError }) =>
      events.lost(new Error("the group's coordinator is silent", { cause: lastError })),
    );
    // The client emits an untyped "error" when it could not join again.
    consumer.on("error" as "client:close", ((error: Error) => events.lost(error)) as () => void);
    consumer.topics.track(this.#group.topic);
    await consumer.joinGroup({});
  }

  async rejoin(): Promise<void> {
    await this.#consumer.joinGroup({});
  }

  leaders(): Promise<readonly number[]> {
    return this.#router.leaders();
  }

  async startOffsets(partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const { topic } = this.#group;
    const found = await this.#consumer.listCommittedOffsets({
      topics: [{ topic, partitions: [...partitions] }],
    });
    const offsets = new Map<number, number>();
    for (const partition of partitions) {
      const committed = Number(found.get(topic)?.[partition] ?? -1n);
      offsets.set(partition, committed >= 0 ? committed : await this.earliest(partition));
    }
    return offsets;
  }

  async earliest(partition: number): Promise<number> {
    const { topic } = this.#group;
    const found = await this.#consumer.listOffsets({
      topics: [topic],
      partitions: { [topic]: [partition] },
      timestamp: -2n,
    });
    const offset = found.get(topic)?.[partition];
    if (offset === undefined) {
      throw new Error(`no earliest offset of partition ${partition} of topic ${topic}`);
    }
    return Number(offset);
  }

  async fetch(
    leader: number,
    positions: readonly Position[],
    limits: FetchLimits,
  ): Promise<readonly FetchedPartition[]> {
    const connection = await this.#router.connect(leader);
    const payload = encodeFetch(this.#group.topic, positions, limits);
    const { code, partitions } = await request(connection, FETCH, payload, decodeFetch);
    if (code !== 0) {
      throw new BrokerError(`fetch from broker ${leader} failed`, code);
    }
    return partitions;
  }

  commit(generation: number, offsets: ReadonlyMap<number, number>): Promise<void> {
    // Without a pause where it can be, so that a commit leaves before the request to join again.
    const connection = this.#coordinator();
    return connection
      ? this.#commitOn(connection, generation, offsets)
      : this.#findCoordinator().then((found) => this.#commitOn(found, generation, offsets));
  }

  #coordinator(): Connection | undefined {
    const { coordinatorId, currentMetadata, connections } = this.#consumer;
    const broker = coordinatorId === null ? undefined : currentMetadata?.brokers.get(coordinatorId);
    const connection = broker && connections.getEstablishedConnection(broker);
    return connection?.isConnected() ? connection : undefined;
  }

  async #findCoordinator(): Promise<Connection> {
    const node = await this.#consumer.findGroupCoordinator();
    const { brokers } = await this.#consumer.metadata({ topics: [this.#group.topic] });
    const broker = brokers.get(node);
    if (!broker) {
      throw new Error(`broker ${node}, the group's coordinator, is not in the metadata`);
    }
    return await this.#consumer.connections.get(broker);
  }

  #commitOn(
    connection: Connection,
    generation: number,
    offsets: ReadonlyMap<number, number>,
  ): Promise<void> {
    const partitions = [...offsets].map(([partitionIndex, offset]) => ({
      partitionIndex,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: -1,
      committedMetadata: null,
    }));
    const { groupId, topic } = this.#group;
    const member = this.#consumer.memberId ?? "";
    return offsetCommitV8.api
      .async(connection, groupId, generation, member, null, [{ name: topic, partitions }])
      .then((response) => {
        const failed = response.topics.flatMap((one) => one.partitions).find((p) => p.errorCode);
        if (failed) {
          throw new BrokerError(FAILED_TO_COMMIT, failed.errorCode);
        }
      });
  }

  lastHeartbeat(): number {
    return this.#consumer.lastHeartbeat?.getTime() ?? 0;
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#consumer.close(true), this.#fetches.close()]);
  }
}

/** Prepares membership of `group.groupId`; nothing is connected before `join`. */
export function openGroup(kafka: KafkaSettings, group: GroupSettings): GroupLink {
  return new Member(kafka, group);
}
