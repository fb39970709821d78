import {
  type Environment,
  greetingsTopic,
  readFoundAppSettings,
  text,
  wholeNumber,
} from "../../shared/settings.ts";

/**
 * Settings of the Worker besides those of every app that talks to Kafka and, if wanted, to Consul.
 *
 * | variable    | meaning                                                       | default              |
 * |-------------|---------------------------------------------------------------|----------------------|
 * | KAFKA_TOPIC | topic whose messages are printed                              | web-greetings        |
 * | KAFKA_GROUP | consumer group that shares the topic's partitions             | web-greetings-worker |
 * | STUCK_MS    | without a turn of the consumer loop for so long: not alive    | 60000                |
 */
const fields = {
  KAFKA_TOPIC: greetingsTopic,
  KAFKA_GROUP: text.default("web-greetings-worker"),
  STUCK_MS: wholeNumber(1000, 3_600_000).default(60_000),
};

/** The Worker's settings. Throws `SettingsError` with all faults at once. */
export function readWorkerSettings(environment: Environment) {
  return readFoundAppSettings("web-greetings-worker", fields, environment);
}
