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
 * Settings that every app has.
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
export const sharedFields = {
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

type Environment = Readonly<Record<string, string | undefined>>;

/** All faults of an environment at once; `message` has one line a fault. */
export class SettingsError extends Error {}

/** Connection settings out of the shared fields. Throws `SettingsError` on one TLS file without the others. */
export function kafkaSettings(
  read: {
    readonly KAFKA_BROKERS: readonly string[];
    readonly KAFKA_CA_FILE?: string | undefined;
    readonly KAFKA_CERT_FILE?: string | undefined;
    readonly KAFKA_KEY_FILE?: string | undefined;
  },
  clientId: string,
): KafkaSettings {
  const caFile = read.KAFKA_CA_FILE;
  const certFile = read.KAFKA_CERT_FILE;
  const keyFile = read.KAFKA_KEY_FILE;
  if (caFile && certFile && keyFile) {
    return { brokers: read.KAFKA_BROKERS, clientId, tls: { caFile, certFile, keyFile } };
  }
  return { brokers: read.KAFKA_BROKERS, clientId, tls: undefined };
}

const TLS_KEYS = ["KAFKA_CA_FILE", "KAFKA_CERT_FILE", "KAFKA_KEY_FILE"] as const;

function tlsFaults(environment: Environment): string[] {
  const missing = TLS_KEYS.filter((key) => !environment[key]);
  return missing.length === 0 || missing.length === TLS_KEYS.length
    ? []
    : missing.map(
        (key) => `${key}: missing, allowed: all three of ${TLS_KEYS.join(", ")}, or none`,
      );
}

/**
 * Reads settings from environment variables. An empty variable counts as absent. Throws
 * `SettingsError` with one line for every fault: the variable, the value got and what is allowed.
 */
export function readSettings<Fields extends z.core.$ZodLooseShape>(
  fields: Fields,
  environment: Environment,
): z.output<z.ZodObject<Fields>> {
  const given = Object.fromEntries(
    Object.keys(fields).map((key) => [key, environment[key] || undefined]),
  );
  const result = z.object(fields).safeParse(given);
  const faults = "KAFKA_CA_FILE" in fields ? tlsFaults(environment) : [];
  for (const { path, message } of result.error?.issues ?? []) {
    const key = String(path[0]);
    const value = environment[key];
    faults.push(value ? `${key}: got "${value}", ${message}` : `${key}: missing, but required`);
  }
  if (!result.success || faults.length > 0) {
    throw new SettingsError(faults.map((fault) => `setting ${fault}`).join("\n"));
  }
  return result.data;
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
