import { z } from "zod";
import type { KafkaSettings } from "./kafka.ts";

/** host:port of a broker, as in `kafka-0.kafka:9093`. */
const broker = z
  .string()
  .regex(/^[A-Za-z0-9.-]+:[0-9]{1,5}$/, "allowed: host:port, several separated by commas");

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
 * Settings of every app that talks to Kafka, besides its own.
 *
 * | variable        | meaning                                              | default    |
 * |-----------------|------------------------------------------------------|------------|
 * | KAFKA_BROKERS   | host:port of brokers, separated by commas            | (required) |
 * | KAFKA_CA_FILE   | PEM file of the authority that signed the brokers    | plain text |
 * | KAFKA_CERT_FILE | PEM file of our certificate; all three or none       | plain text |
 * | KAFKA_KEY_FILE  | PEM file of our key                                  | plain text |
 * | ADMIN_PORT      | port of /livez, /readyz and /metrics; 0 takes any    | 9090       |
 * | LOG_LEVEL       | debug, info, warn or error                           | info       |
 */
const kafkaAppFields = {
  KAFKA_BROKERS: z
    .string()
    .transform((list) => list.split(",").map((part) => part.trim()))
    .pipe(z.array(broker)),
  KAFKA_CA_FILE: text.optional(),
  KAFKA_CERT_FILE: text.optional(),
  KAFKA_KEY_FILE: text.optional(),
  ADMIN_PORT: wholeNumber(0, 65535).default(9090),
  LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error"], "allowed: debug, info, warn, error")
    .default("info"),
};

/** The topic of the greetings: what the API puts on it is what the Worker prints. */
export const greetingsTopic = text.default("web-greetings");

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** All faults of an environment at once; `message` has one line a fault. */
export class SettingsError extends Error {}

const TLS_KEYS = ["KAFKA_CA_FILE", "KAFKA_CERT_FILE", "KAFKA_KEY_FILE"] as const;

function tlsFaults(environment: Environment): string[] {
  const missing = TLS_KEYS.filter((key) => !environment[key]);
  return missing.length === 0 || missing.length === TLS_KEYS.length
    ? []
    : missing.map(
        (key) => `${key}: missing, allowed: all three of ${TLS_KEYS.join(", ")}, or none`,
      );
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
 * those that every such app has, and of these `kafka`, how to reach the brokers. Throws as
 * `readSettings` does, and on one file of TLS without the others.
 */
export function readKafkaAppSettings<Fields extends z.core.$ZodLooseShape>(
  clientId: string,
  fields: Fields,
  environment: Environment,
) {
  const faults = tlsFaults(environment);
  const shared = collect(kafkaAppFields, environment, faults);
  const own = collect(fields, environment, faults);
  if (!shared || !own || faults.length > 0) {
    return refuse(faults);
  }
  const { KAFKA_CA_FILE: caFile, KAFKA_CERT_FILE: certFile, KAFKA_KEY_FILE: keyFile } = shared;
  const tls = caFile && certFile && keyFile ? { caFile, certFile, keyFile } : undefined;
  const kafka: KafkaSettings = { brokers: shared.KAFKA_BROKERS, clientId, tls };
  return { ...shared, ...own, kafka };
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
