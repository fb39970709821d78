import { Producer } from "@platformatic/kafka";
import { clientOptions, type KafkaSettings, Router, request } from "./client.ts";
import {
  decodeProduce,
  encodeProduce,
  type PartitionBatch,
  PRODUCE,
  type ProduceOutcome,
} from "./wire.ts";

/** What the brokers gave an idempotent producer to sign its batches with. */
export interface ProducerIdentity {
  readonly id: bigint;
  readonly epoch: number;
}

/** The way to one topic's leaders. Every method throws when no broker answers in time. */
export interface ProducerLink {
  /** Node id of each partition's leader, -1 where there is none; asked anew. */
  leaders(): Promise<readonly number[]>;
  /** A new identity; sequences start at 0 with it. */
  identify(): Promise<ProducerIdentity>;
  /** One request to `leader`, acknowledged by all in-sync replicas. */
  produce(leader: number, batches: readonly PartitionBatch[]): Promise<readonly ProduceOutcome[]>;
  close(): Promise<void>;
}

/** Opens the way to `topic`; nothing is connected before the first call. Times in milliseconds. */
export function openProducer(
  settings: KafkaSettings,
  topic: string,
  requestTimeoutMs: number,
): ProducerLink {
  const client = new Producer(clientOptions(settings, requestTimeoutMs));
  const router = new Router(client, settings, topic);
  // The broker gives up before we do, so that its answer arrives while somebody waits for it.
  const brokerTimeoutMs = Math.ceil(requestTimeoutMs * 0.8);
  return {
    leaders: () => router.leaders(),
    identify: async () => {
      const { producerId, producerEpoch } = await client.initIdempotentProducer({});
      return { id: producerId, epoch: producerEpoch };
    },
    produce: async (leader, batches) => {
      const connection = await router.connect(leader);
      const payload = encodeProduce(topic, batches, brokerTimeoutMs);
      return await request(connection, PRODUCE, payload, decodeProduce);
    },
    close: async () => {
      await client.close(true);
    },
  };
}
