import { isIP } from "node:net";
import { z } from "zod";
import type { ConsulSettings } from "./consul.ts";
import type { KafkaSettings } from "./kafka.ts";

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
 * | variable   | meaning                                           | default |
 * |------------|---------------------------------------------------|---------|
 * | ADMIN_PORT | port of /livez, /readyz and /metrics; 0 takes any | 9090    |
 * | LOG_LEVEL  | debug, info, warn or error                        | info    |
 */
export const appFields = {
  ADMIN_PORT: wholeNumber(0, 65535).default(9090),
  LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error"], "allowed: debug, info, warn, error")
    .default("info"),
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
const kafkaFields = {
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
const consulFields = {
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

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** All faults of an environment at once; `message` has one line a fault. */
export class SettingsError extends Error {}

const KAFKA_TLS_KEYS = ["KAFKA_CA_FILE", "KAFKA_CERT_FILE", "KAFKA_KEY_FILE"] as const;

/** Which of `keys` are missing; a fault for each of them in `faults` unless it is all of them. */
function missingOf(
  keys: readonly string[],
  environment: Environment,
  faults: string[],
): readonly string[] {
  const missing = keys.filter((key) => !environment[key]);
  if (missing.length < keys.length) {
    const allowed = `allowed: all of ${keys.join(", ")}, or none`;
    faults.push(...missing.map((key) => `${key}: missing, ${allowed}`));
  }
  return missing;
}

/** The output of `fields`, or undefined and a line in `faults` for each of those found. */
function collect<Fields extends z.core.$ZodLooseShape>(
  fields: Fields,
  environment: Environment,
  faults: string[],
): z.output<z.ZodObject<Fields>> | undefined {
  const given = Object.fromEntries(
    Object.keys(fields).map((key) => [key, environment[key] || undefined]),
  );
  const result = z.object(fields).safeParse(given);
  for (const { path, message } of result.error?.issues ?? []) {
    const key = String(path[0]);
    const value = environment[key];
    faults.push(value ? `${key}: got "${value}", ${message}` : `${key}: missing, but required`);
  }
  return result.data;
}

function collectKafka(clientId: string, environment: Environment, faults: string[]) {
  missingOf(KAFKA_TLS_KEYS, environment, faults);
  const found = collect(kafkaFields, environment, faults);
  if (!found) {
    return undefined;
  }
  const { KAFKA_CA_FILE: caFile, KAFKA_CERT_FILE: certFile, KAFKA_KEY_FILE: keyFile } = found;
  const tls = caFile && certFile && keyFile ? { caFile, certFile, keyFile } : undefined;
  const kafka: KafkaSettings = { brokers: found.KAFKA_BROKERS, clientId, tls };
  return kafka;
}

function collectConsul(environment: Environment, faults: string[]): ConsulSettings | undefined {
  const found = collect(consulFields, environment, faults);
  return (
    found && {
      address: found.CONSUL_ADDRESS,
      caFile: found.CONSUL_CA_FILE,
      certFile: found.CONSUL_CERT_FILE,
      keyFile: found.CONSUL_KEY_FILE,
      loginFile: found.CONSUL_LOGIN_FILE,
      podName: found.POD_NAME,
      podIp: found.POD_IP,
    }
  );
}

/** As `collectConsul`, but where all of the settings are missing, there is no fault. */
function collectConsulIfAny(environment: Environment, faults: string[]) {
  const missing = missingOf(Object.keys(consulFields), environment, faults);
  if (missing.length === 0) {
    return collectConsul(environment, faults);
  }
  const given = Object.entries(consulFields).filter(([key]) => !missing.includes(key));
  collect(Object.fromEntries(given), environment, faults);
  return undefined;
}

function refuse(faults: readonly string[]): never {
  throw new SettingsError(faults.map((fault) => `setting ${fault}`).join("\n"));
}

/**
 * Reads settings from environment variables. An empty variable counts as absent. Throws
 * `SettingsError` with one line for every fault: the variable, the value got and what is allowed.
 */
export function readSettings<Fields extends z.core.$ZodLooseShape>(
  fields: Fields,
  environment: Environment,
): z.output<z.ZodObject<Fields>> {
  const faults: string[] = [];
  return collect(fields, environment, faults) ?? refuse(faults);
}

/**
 * Reads the settings of an app that talks to Kafka under the name `clientId`: its own `fields`,
 * those that every app has, and `kafka`, how to reach the brokers. Throws as `readSettings` does,
 * and on one file of TLS without the others.
 */
export function readKafkaAppSettings<Fields extends z.core.$ZodLooseShape>(
  clientId: string,
  fields: Fields,
  environment: Environment,
) {
  const faults: string[] = [];
  const kafka = collectKafka(clientId, environment, faults);
  const shared = collect(appFields, environment, faults);
  const own = collect(fields, environment, faults);
  return kafka && shared && own && faults.length === 0
    ? { ...shared, ...own, kafka }
    : refuse(faults);
}

/**
 * Reads the settings of an app that talks to Kafka, as `readKafkaAppSettings` does, and that others
 * may look up: besides, `consul`, how to reach the agent, or undefined where nothing is said of it.
 * Throws as well on some of Consul's settings without the others.
 */
export function readFoundAppSettings<Fields extends z.core.$ZodLooseShape>(
  clientId: string,
  fields: Fields,
  environment: Environment,
) {
  const faults: string[] = [];
  const kafka = collectKafka(clientId, environment, faults);
  const consul = collectConsulIfAny(environment, faults);
  const shared = collect(appFields, environment, faults);
  const own = collect(fields, environment, faults);
  return kafka && shared && own && faults.length === 0
    ? { ...shared, ...own, kafka, consul }
    : refuse(faults);
}

/**
 * Reads the settings of an app that talks to Consul and cannot do without it: its own `fields`,
 * those that every app has, and `consul`, how to reach the agent. Throws as `readSettings` does.
 */
export function readConsulAppSettings<Fields extends z.core.$ZodLooseShape>(
  fields: Fields,
  environment: Environment,
) {
  const faults: string[] = [];
  const consul = collectConsul(environment, faults);
  const shared = collect(appFields, environment, faults);
  const own = collect(fields, environment, faults);
  return consul && shared && own ? { ...shared, ...own, consul } : refuse(faults);
}

/** Reads settings, or prints every fault on stderr and ends the process with 1. */
export function settingsOrExit<T>(read: (environment: Environment) => T): T {
  try {
    return read(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) {
      throw error;
    }
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
