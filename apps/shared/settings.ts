import { z } from "zod";
import type { ConsulSettings } from "./consul.ts";
import type { KafkaSettings } from "./kafka.ts";
import type { MetricsSettings } from "./metrics-server.ts";
import { appFields, consulFields, kafkaFields, metricsFields } from "./settings/fields.ts";

export { appFields, greetingsTopic, text, wholeNumber } from "./settings/fields.ts";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** All faults of an environment at once; `message` has one line a fault. */
export class SettingsError extends Error {}

/** Keys of the files of a mutual TLS connection. */
const tlsKeys = (of: string) => ["CA", "CERT", "KEY"].map((file) => `${of}_${file}_FILE`);

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
  missingOf(tlsKeys("KAFKA"), environment, faults);
  const found = collect(kafkaFields, environment, faults);
  if (!found) {
    return undefined;
  }
  const { KAFKA_CA_FILE: caFile, KAFKA_CERT_FILE: certFile, KAFKA_KEY_FILE: keyFile } = found;
  const tls = caFile && certFile && keyFile ? { caFile, certFile, keyFile } : undefined;
  const kafka: KafkaSettings = { brokers: found.KAFKA_BROKERS, clientId, tls };
  return kafka;
}

function collectMetrics(environment: Environment, faults: string[]): MetricsSettings | undefined {
  missingOf(tlsKeys("METRICS"), environment, faults);
  const found = collect(metricsFields, environment, faults);
  const { METRICS_CA_FILE: caFile, METRICS_CERT_FILE: certFile } = found ?? {};
  const keyFile = found?.METRICS_KEY_FILE;
  return found && caFile && certFile && keyFile
    ? { port: found.METRICS_PORT, tls: { caFile, certFile, keyFile } }
    : undefined;
}

/** What every app that serves has. */
function collectShared(environment: Environment, faults: string[]) {
  const metrics = collectMetrics(environment, faults);
  const shared = collect(appFields, environment, faults);
  return shared && { ...shared, metrics };
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
 * those that every app has, `kafka`, how to reach the brokers, and `metrics`, how to serve metrics,
 * or undefined where there is no certificate for that. Throws as `readSettings` does, and on one
 * file of TLS without the others.
 */
export function readKafkaAppSettings<Fields extends z.core.$ZodLooseShape>(
  clientId: string,
  fields: Fields,
  environment: Environment,
) {
  const faults: string[] = [];
  const kafka = collectKafka(clientId, environment, faults);
  const shared = collectShared(environment, faults);
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
  const shared = collectShared(environment, faults);
  const own = collect(fields, environment, faults);
  return kafka && shared && own && faults.length === 0
    ? { ...shared, ...own, kafka, consul }
    : refuse(faults);
}

/**
 * Reads the settings of an app that talks to Consul and cannot do without it: its own `fields`,
 * those that every app has, `consul`, how to reach the agent, and `metrics` as above. Throws as
 * `readSettings` does, and on one file of the metrics' TLS without the others.
 */
export function readConsulAppSettings<Fields extends z.core.$ZodLooseShape>(
  fields: Fields,
  environment: Environment,
) {
  const faults: string[] = [];
  const consul = collectConsul(environment, faults);
  const shared = collectShared(environment, faults);
  const own = collect(fields, environment, faults);
  return consul && shared && own && faults.length === 0
    ? { ...shared, ...own, consul }
    : refuse(faults);
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
