import {
  type Environment,
  greetingsTopic,
  readFoundAppSettings,
  wholeNumber,
} from "../../shared/settings.ts";

/**
 * Settings of the API besides those of every app that talks to Kafka and, if wanted, to Consul.
 *
 * | variable            | meaning                                                        | default       |
 * |---------------------|----------------------------------------------------------------|---------------|
 * | PORT                | port of the public HTTP server; 0 takes any                    | 8080          |
 * | KAFKA_TOPIC         | topic that texts are put on                                    | web-greetings |
 * | PUBLISH_DEADLINE_MS | how long a text may wait for its acknowledgement               | 5000          |
 * | MAX_PENDING         | texts on their way at once; more are refused with 503          | 20000         |
 * | MAX_PENDING_BYTES   | bytes of texts on their way at once; more are refused with 503 | 33554432      |
 * | DRAIN_MS            | how long to serve on after SIGTERM, while callers learn of it  | 5000          |
 */
const fields = {
  PORT: wholeNumber(0, 65535).default(8080),
  KAFKA_TOPIC: greetingsTopic,
  PUBLISH_DEADLINE_MS: wholeNumber(100, 60_000).default(5000),
  MAX_PENDING: wholeNumber(1, 1_000_000).default(20_000),
  MAX_PENDING_BYTES: wholeNumber(65_536, 1_073_741_824).default(33_554_432),
  DRAIN_MS: wholeNumber(0, 60_000).default(5000),
};

/** The API's settings. Throws `SettingsError` with all faults at once. */
export function readApiSettings(environment: Environment) {
  return readFoundAppSettings("web-greetings-api", fields, environment);
}
