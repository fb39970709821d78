import { Admin, type BaseOptions, listOffsetsV6 } from "@platformatic/kafka";
import { BrokerError, clientOptions, type KafkaSettings } from "./client.ts";
import { type ClusterView, viewFrom } from "./metadata.ts";

/** Type of a topic's settings in Kafka's protocol, and the operation that sets one. */
const TOPIC_RESOURCE = 2;
const SET = 0 as const;
/** Places in a partition by what Kafka's protocol has for a time there. */
const PLACES = { begin: -2n, end: -1n } as const;
const REQUEST_MS = 10_000;

/** Administration of a cluster. Every method throws when no broker answers. */
export interface AdminLink {
  /** The cluster and all partitions of all topics, internal ones included. */
  view(): Promise<ClusterView>;
  /** Offset of the first record, or after the last, of a topic's `partitions` that `node` leads. */
  offsets(
    node: number,
    topic: string,
    partitions: readonly number[],
    place: keyof typeof PLACES,
  ): Promise<ReadonlyMap<number, number>>;
  /**
   * Next offset to read of a topic's `partitions` as a group has committed it, those left out of
   * which it has committed nothing. Who asks need not be of the group.
   */
  committed(
    group: string,
    topic: string,
    partitions: readonly number[],
  ): Promise<ReadonlyMap<number, number>>;
  createTopic(
    name: string,
    partitions: number,
    replicas: number,
    config: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** Raises the number of partitions to `count`. */
  addPartitions(name: string, count: number): Promise<void>;
  /** The values of a topic's settings by name. */
  topicConfig(name: string): Promise<ReadonlyMap<string, string>>;
  /** Sets those settings of a topic and leaves the others. */
  setTopicConfig(name: string, config: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

class AdminClient implements AdminLink {
  readonly #admin: Admin;
  readonly #bootstrap: readonly string[];
  #view: ClusterView | undefined;

  constructor(settings: KafkaSettings) {
    const options: BaseOptions = clientOptions(settings, REQUEST_MS);
    this.#admin = new Admin(options);
    this.#bootstrap = settings.brokers;
  }

  async view(): Promise<ClusterView> {
    // The brokers of the settings alone: who names one wants to hear that one.
    this.#view = await viewFrom(this.#admin, this.#bootstrap, undefined, null);
    return this.#view;
  }

  async offsets(
    node: number,
    topic: string,
    partitions: readonly number[],
    place: keyof typeof PLACES,
  ): Promise<ReadonlyMap<number, number>> {
    const broker = this.#view?.brokers.get(node);
    if (!broker) {
      throw new Error(`broker ${node} is not in the metadata`);
    }
    const connection = await this.#admin.connections.get(broker);
    const asked = partitions.map((partitionIndex) => ({
      partitionIndex,
      currentLeaderEpoch: -1,
      timestamp: PLACES[place],
    }));
    const { topics } = await listOffsetsV6.api.async(connection, -1, 0, [
      { name: topic, partitions: asked },
    ]);
    const found = topics.flatMap((one) => one.partitions);
    return new Map(found.map((one) => [one.partitionIndex, Number(one.offset)]));
  }

  async committed(
    group: string,
    topic: string,
    partitions: readonly number[],
  ): Promise<ReadonlyMap<number, number>> {
    const asked = [{ name: topic, partitionIndexes: [...partitions] }];
    const groups = await this.#admin.listConsumerGroupOffsets({
      groups: [{ groupId: group, topics: asked }],
    });
    const found = groups.flatMap(({ topics }) => topics.flatMap((one) => one.partitions));
    return new Map(
      found
        .map((one) => [one.partitionIndex, Number(one.committedOffset)] as const)
        .filter(([, offset]) => offset >= 0),
    );
  }

  async createTopic(
    name: string,
    partitions: number,
    replicas: number,
    config: Readonly<Record<string, string>>,
  ): Promise<void> {
    const configs = Object.entries(config).map(([key, value]) => ({ name: key, value }));
    await this.#admin.createTopics({ topics: [name], partitions, replicas, configs });
  }

  async addPartitions(name: string, count: number): Promise<void> {
    await this.#admin.createPartitions({ topics: [{ name, count }] });
  }

  async topicConfig(name: string): Promise<ReadonlyMap<string, string>> {
    const [described] = await this.#admin.describeConfigs({
      resources: [{ resourceType: TOPIC_RESOURCE, resourceName: name, configurationKeys: null }],
    });
    if (!described) {
      throw new BrokerError(`settings of topic ${name} were not described`, -1);
    }
    return new Map(described.configs.map((config) => [config.name, config.value ?? ""]));
  }

  async setTopicConfig(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const configs = Object.entries(config).map(([key, value]) => ({
      name: key,
      configOperation: SET,
      value,
    }));
    await this.#admin.incrementalAlterConfigs({
      resources: [{ resourceType: TOPIC_RESOURCE, resourceName: name, configs }],
    });
  }

  async close(): Promise<void> {
    await this.#admin.close();
  }
}

/** Opens the administration of the cluster behind `settings.brokers`; nothing is connected before the first call. */
export function openAdmin(settings: KafkaSettings): AdminLink {
  return new AdminClient(settings);
}
