import { isIP } from "node:net";
import { z } from "zod";

const ADDRESS = /^[A-Za-z0-9.-]+:[0-9]{1,5}$/;

/** host:port of a broker, as in `kafka-0.kafka:9093`. */
const broker = z.string().regex(ADDRESS, "allowed: host:port, several separated by commas");

/** A whole number within bounds (both inclusive), read from text. */
export function wholeNumber(least: number, most: number): z.ZodType<number, string> {
  const allowed = `allowed: a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^[0-9]{1,15}$/, allowed)
    .transform(Number)
    .refine((value) => value >= least && value <= most, allowed);
}

/** Text that is not empty. */
export const text = z.string().min(1, "allowed: text that is not empty");

/**
 * Settings of every app that serves.
 *
 * | variable   | meaning                                 | default |
 * |------------|-----------------------------------------|---------|
 * | ADMIN_PORT | port of /livez and /readyz; 0 takes any | 9090    |
 * | LOG_LEVEL  | debug, info, warn or error              | info    |
 */
export const appFields = {
  ADMIN_PORT: wholeNumber(0, 65535).default(9090),
  LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error"], "allowed: debug, info, warn, error")
    .default("info"),
};

/**
 * Settings of metrics: all of the files, or none and no metrics. Whoever asks needs a certificate of
 * the same authority.
 *
 * | variable          | meaning                                                       | default |
 * |-------------------|---------------------------------------------------------------|---------|
 * | METRICS_PORT      | port of /metrics, TLS; 0 takes any                            | 9464    |
 * | METRICS_CA_FILE   | PEM file of the authority that signed those who may ask       | none    |
 * | METRICS_CERT_FILE | PEM file of our certificate                                   | none    |
 * | METRICS_KEY_FILE  | PEM file of our key                                           | none    |
 */
export const metricsFields = {
  METRICS_PORT: wholeNumber(0, 65535).default(9464),
  METRICS_CA_FILE: text.optional(),
  METRICS_CERT_FILE: text.optional(),
  METRICS_KEY_FILE: text.optional(),
};

/**
 * Settings of every app that talks to Kafka, besides those of every app that serves and its own.
 *
 * | variable        | meaning                                              | default    |
 * |-----------------|------------------------------------------------------|------------|
 * | KAFKA_BROKERS   | host:port of brokers, separated by commas            | (required) |
 * | KAFKA_CA_FILE   | PEM file of the authority that signed the brokers    | plain text |
 * | KAFKA_CERT_FILE | PEM file of our certificate; all three or none       | plain text |
 * | KAFKA_KEY_FILE  | PEM file of our key                                  | plain text |
 */
export const kafkaFields = {
  KAFKA_BROKERS: z
    .string()
    .transform((list) => list.split(",").map((part) => part.trim()))
    .pipe(z.array(broker)),
  KAFKA_CA_FILE: text.optional(),
  KAFKA_CERT_FILE: text.optional(),
  KAFKA_KEY_FILE: text.optional(),
};

/**
 * Settings of every app that talks to Consul: all of them, or, where the app can do without
 * discovery, none.
 *
 * | variable          | meaning                                                          |
 * |-------------------|------------------------------------------------------------------|
 * | CONSUL_ADDRESS    | host:port of the node's agent, HTTPS                             |
 * | CONSUL_CA_FILE    | PEM file of the authority that signed the agents                 |
 * | CONSUL_CERT_FILE  | PEM file of our certificate                                      |
 * | CONSUL_KEY_FILE   | PEM file of our key                                              |
 * | CONSUL_LOGIN_FILE | file with the service account's token, which the kubelet renews  |
 * | POD_NAME          | the pod's name: the id of what it registers                      |
 * | POD_IP            | the pod's address: where others find it                          |
 */
export const consulFields = {
  CONSUL_ADDRESS: z.string().regex(ADDRESS, "allowed: host:port"),
  CONSUL_CA_FILE: text,
  CONSUL_CERT_FILE: text,
  CONSUL_KEY_FILE: text,
  CONSUL_LOGIN_FILE: text,
  POD_NAME: text,
  POD_IP: z.string().refine((value) => isIP(value) > 0, "allowed: an IP address"),
};

/** The topic of the greetings: what the API puts on it is what the Worker prints. */
export const greetingsTopic = text.default("web-greetings");
