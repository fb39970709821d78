import { z } from "zod";
import {
  type Environment,
  readKafkaAppSettings,
  readSettings,
  text,
  wholeNumber,
} from "../../shared/settings.ts";

/**
 * Settings of `rack`.
 *
 * | variable     | meaning                                              | default    |
 * |--------------|------------------------------------------------------|------------|
 * | NODE_NAME    | node that the pod runs on                            | (required) |
 * | RACK_FILE    | file that the rack is written to                     | (required) |
 * | JVM_AGENT_FILE | file that the agent for the broker's JVM is copied to | (required) |
 * | DEFAULT_RACK | rack of a node without a zone label                  | default    |
 * | DEADLINE_MS  | how long to try                                      | 60000      |
 *
 * KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are set by Kubernetes in every pod.
 */
export function readRackSettings(environment: Environment) {
  return readSettings(
    {
      NODE_NAME: text,
      RACK_FILE: text,
      JVM_AGENT_FILE: text,
      DEFAULT_RACK: text.default("default"),
      DEADLINE_MS: wholeNumber(1000, 600_000).default(60_000),
      KUBERNETES_SERVICE_HOST: text,
      KUBERNETES_SERVICE_PORT: wholeNumber(1, 65535),
    },
    environment,
  );
}

/** What a group reads, as in `web-greetings-worker:web-greetings`. */
const reader = z
  .string()
  .regex(/^[^:,]+:[A-Za-z0-9._-]+$/, "allowed: group:topic, several separated by commas")
  .transform((pair) => {
    const colon = pair.lastIndexOf(":");
    return { group: pair.slice(0, colon), topic: pair.slice(colon + 1) };
  });

/**
 * Settings of `watch` besides those of every app that talks to Kafka.
 *
 * | variable | meaning                                                                   | default    |
 * |----------|---------------------------------------------------------------------------|------------|
 * | POD_NAME | name of the pod; its number is the broker's, as in kafka-2. The broker in KAFKA_BROKERS whose host begins with it is asked, else the first that answers | (required) |
 * | POLL_MS  | pause between two questions                                               | 2000       |
 * | READERS  | group:topic, separated by commas: whose lag is measured                   | none       |
 * | LAG_MS   | pause between two measurements of that                                    | 5000       |
 * | JVM_METRICS | URL of the metrics of the broker's JVM, plain HTTP on the pod's own loopback | no page |
 */
export function readWatchSettings(environment: Environment) {
  const fields = {
    POD_NAME: text.regex(/-[0-9]+$/, "allowed: a name that ends with a number, as in kafka-2"),
    POLL_MS: wholeNumber(100, 60_000).default(2000),
    READERS: z
      .string()
      .transform((list) => list.split(",").map((part) => part.trim()))
      .pipe(z.array(reader))
      .default([]),
    LAG_MS: wholeNumber(100, 60_000).default(5000),
    JVM_METRICS: z.url({ protocol: /^http$/, error: "allowed: an http:// URL" }).optional(),
  };
  const read = readKafkaAppSettings("web-greetings-agent", fields, environment);
  const own = read.kafka.brokers.filter((address) => address.startsWith(`${read.POD_NAME}.`));
  return {
    ...read,
    kafka: own.length > 0 ? { ...read.kafka, brokers: own } : read.kafka,
    broker: Number(read.POD_NAME.slice(read.POD_NAME.lastIndexOf("-") + 1)),
  };
}

/**
 * Settings of `topics` besides those of every app that talks to Kafka.
 *
 * | variable    | meaning                                                                 | default    |
 * |-------------|-------------------------------------------------------------------------|------------|
 * | TOPICS_FILE | JSON file: a list of { name, partitions, replicas, config: { ... } }    | (required) |
 * | DEADLINE_MS | how long to wait for brokers, and then for all replicas to be in sync   | 240000     |
 */
export function readTopicsSettings(environment: Environment) {
  const fields = {
    TOPICS_FILE: text,
    DEADLINE_MS: wholeNumber(1000, 3_600_000).default(240_000),
  };
  return readKafkaAppSettings("web-greetings-topics", fields, environment);
}
