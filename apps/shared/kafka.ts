/** The only door to Kafka for the apps; the client library is known in `kafka/` and nowhere else. */
export { type AdminLink, openAdmin } from "./kafka/admin.ts";
export {
  BrokerError,
  decompress,
  describeError,
  errorId,
  type KafkaSettings,
  type TlsFiles,
} from "./kafka/client.ts";
export {
  type Assignment,
  type GroupEvents,
  type GroupLink,
  type GroupSettings,
  openGroup,
} from "./kafka/group.ts";
export type { ClusterView, PartitionView } from "./kafka/metadata.ts";
export { openProducer, type ProducerIdentity, type ProducerLink } from "./kafka/producer.ts";
export { decodeBatches, encodeBatch, nextSequence, type ProducerMark } from "./kafka/records.ts";
export type {
  FetchedPartition,
  FetchLimits,
  PartitionBatch,
  Position,
  ProduceOutcome,
} from "./kafka/wire.ts";
