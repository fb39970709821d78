import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Contexts } from "./kubeconfig.ts";
import { versionOf } from "./versions.ts";

/** Name of the project, and so the namespace of its settings in Pulumi's configuration. */
export const project = "web-greetings";

const domain =
  /^(?=.{1,253}$)[a-z]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$/;
const version = /^\d+\.\d+\.\d+$/;

const allowed = (values: string) => ({ error: `allowed: ${values}` });
const whole = (from: number, to: number) =>
  z
    .int(allowed(`whole numbers from ${from} to ${to}`))
    .min(from, allowed(`whole numbers from ${from} to ${to}`))
    .max(to, allowed(`whole numbers from ${from} to ${to}`));
const quorum = z.literal(
  [1, 3, 5, 7],
  allowed("odd numbers from 1 to 7, so that a majority exists"),
);

const text = (pattern: RegExp, values: string) =>
  z.string(allowed(values)).regex(pattern, allowed(values));
const list = "a list of names of contexts, at least one";

/** Every setting there is, by its key; the description and default are also in Pulumi.yaml. */
const schema = z.strictObject({
  target: z.enum(["minikube", "aws"], allowed("minikube, aws")).default("minikube"),
  domain: text(
    domain,
    "a lower-case domain of two labels or more, such as yourcom.example",
  ).default("yourcom.example"),
  context: text(/./, "the name of a context in your kubeconfig").default("minikube"),
  allowedContexts: z
    .array(text(/./, list), allowed(list))
    .min(1, allowed(list))
    .default(["minikube"]),
  registry: text(
    /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._/-]+)?$/,
    "host[:port][/path], without a scheme",
  ).default("localhost:5000"),
  nodeAddress: text(
    /^[a-z0-9.-]+$/i,
    "auto, or an address or host name of a node without a port",
  ).default("auto"),
  scale: z.enum(["small", "full"], allowed("small, full")).default("small"),
  retain: z.boolean(allowed("true, false")).default(true),
  adopt: z.boolean(allowed("true, false")).default(false),
  certificateEdition: whole(1, 1_000_000).default(1),
  consulVersion: text(version, "a version such as 1.20.6").default(versionOf("consul")),
  consulReplicas: quorum.default(3),
  // Both are labels of the servers' names in certificates, which Go takes for no others.
  consulDatacenter: text(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "lower-case letters, digits, and hyphens between them; 63 characters at most",
  ).default("dc1"),
  consulDomain: text(
    /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "one lower-case label, such as consul; not local",
  )
    .refine((value) => value !== "local", allowed("anything but local, which clusters use"))
    .default("consul"),
  consulGossipKeyEdition: whole(1, 1_000_000).default(1),
  zookeeperVersion: text(version, "a version such as 3.9.4").default(versionOf("zookeeper")),
  zookeeperReplicas: quorum.default(3),
  kafkaVersion: text(version, "a version such as 3.9.1").default(versionOf("kafka")),
  kafkaReplicas: whole(3, 99).default(3),
  kafkaHeapMiB: whole(192, 65_536).default(320),
  topicPartitions: whole(1, 1000).default(6),
  topicRetentionHours: whole(1, 87_600).default(168),
  apiMinReplicas: whole(1, 100).default(2),
  apiMaxReplicas: whole(1, 100).default(6),
  workerMinReplicas: whole(1, 100).default(1),
  workerMaxReplicas: whole(1, 100).default(3),
  edgeReplicas: whole(1, 100).default(2),
});

/** The settings of a stack, checked and complete. Sizes in MiB, times in hours, as the names say. */
export type Settings = Readonly<z.infer<typeof schema>>;

/** Key of a setting, without the project's prefix. */
export type SettingKey = keyof Settings;

/** All keys, in the order of the documentation. */
export const settingKeys = Object.keys(schema.shape) as readonly SettingKey[];

interface Fault {
  readonly key: string;
  readonly got: unknown;
  readonly rule: string;
}

function newerThan(got: string, bound: readonly [number, number, number]): boolean {
  const parts = got.split(".").map(Number);
  for (const [index, limit] of bound.entries()) {
    const part = parts[index] ?? 0;
    if (part !== limit) return part > limit;
  }
  return false;
}

/** Rules between settings; each looks only at values that are themselves in order. */
function contradictions(
  value: Settings,
  contexts: Contexts,
  sound: (key: SettingKey) => boolean,
): Fault[] {
  const faults: Fault[] = [];
  const check = (keys: readonly SettingKey[], broken: () => boolean, rule: string) => {
    const [key] = keys;
    if (key && keys.every(sound) && broken()) faults.push({ key, got: value[key], rule });
  };
  check(
    ["kafkaVersion"],
    () => newerThan(value.kafkaVersion, [3, 9, 999]),
    "allowed: up to 3.9, the last line that runs on ZooKeeper",
  );
  check(
    ["zookeeperVersion"],
    () =>
      !newerThan(value.zookeeperVersion, [3, 9, 3]) ||
      newerThan(value.zookeeperVersion, [3, 999, 0]),
    "allowed: 3.9.4 and later 3.x, the first whose snapshots can be restored safely",
  );
  for (const app of ["api", "worker"] as const) {
    check(
      [`${app}MaxReplicas`, `${app}MinReplicas`],
      () => value[`${app}MaxReplicas`] < value[`${app}MinReplicas`],
      `allowed: at least ${app}MinReplicas, which is ${value[`${app}MinReplicas`]}`,
    );
  }
  check(
    ["workerMaxReplicas", "topicPartitions"],
    () => value.workerMaxReplicas > value.topicPartitions,
    `allowed: at most topicPartitions, which is ${value.topicPartitions}: more Workers would idle`,
  );
  check(
    ["context", "allowedContexts"],
    () => value.target === "minikube" && !value.allowedContexts.includes(value.context),
    `its server is ${contexts.get(value.context) ?? "unknown here"}; ` +
      `allowed: one of allowedContexts, which is ${value.allowedContexts.join(", ")}`,
  );
  return faults;
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

function refuse(faults: readonly Fault[]): never {
  const lines = faults.map(
    ({ key, got, rule }) => `  ${project}:${key}: got ${show(got)}; ${rule}`,
  );
  throw new pulumi.RunError(
    `the settings have ${faults.length} fault${faults.length === 1 ? "" : "s"}:\n${lines.join("\n")}\n` +
      "change them with `pulumi config set <key> <value>`; Pulumi.yaml describes every key",
  );
}

/**
 * Checks raw settings and completes them with their defaults.
 *
 * @param raw values by key, without the project's prefix; numbers, booleans and lists already typed
 * @param contexts what the kubeconfig holds, to name the server of a context that is refused
 * @throws pulumi.RunError with all faults at once: key, value got, values allowed
 */
export function parseSettings(
  raw: Readonly<Record<string, unknown>>,
  contexts: Contexts,
): Settings {
  const result = schema.safeParse(raw);
  const faults: Fault[] = [];
  const unsound = new Set<string>();
  for (const issue of result.success ? [] : result.error.issues) {
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) {
        faults.push({
          key,
          got: raw[key],
          rule: `no such setting; allowed: ${settingKeys.join(", ")}`,
        });
      }
    } else {
      const key = String(issue.path[0]);
      if (!unsound.has(key)) faults.push({ key, got: raw[key], rule: issue.message });
      unsound.add(key);
    }
  }
  const known = Object.fromEntries(
    Object.entries(raw).filter(([key]) => settingKeys.some((k) => k === key) && !unsound.has(key)),
  );
  const settings = result.success ? result.data : schema.parse(known);
  faults.push(...contradictions(settings, contexts, (key) => !unsound.has(key)));
  if (faults.length > 0) refuse(faults);
  return Object.freeze(settings);
}

function typed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? text : value;
  } catch {
    return text;
  }
}

/**
 * The settings of the stack that is being run, from Pulumi's configuration.
 *
 * @throws pulumi.RunError with all faults at once, before any resource
 */
export function loadSettings(contexts: Contexts): Settings {
  const prefix = `${project}:`;
  const raw = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, text]) => [key.slice(prefix.length), typed(text)]);
  return parseSettings(Object.fromEntries(raw), contexts);
}
