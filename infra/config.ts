import * as pulumi from "@pulumi/pulumi";
import { planSubnets } from "./aws/subnets.ts";
import type { Contexts } from "./kubeconfig.ts";
import { type Settings, schema, secretSettings } from "./schema.ts";

export type { Settings } from "./schema.ts";

/** Name of the project, and so the namespace of its settings in Pulumi's configuration. */
export const project = "web-greetings";

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

function canPlan({ vpcCidr, awsZones }: Settings): boolean {
  try {
    planSubnets(vpcCidr, awsZones.length);
    return true;
  } catch {
    return false;
  }
}

/** Finds fault with the first of some settings where all are in order by themselves. */
type Check = (keys: readonly SettingKey[], broken: () => boolean, rule: string) => void;

/** Rules between settings; each looks only at values that are themselves in order. */
function contradictions(
  value: Settings,
  contexts: Contexts,
  sound: (key: SettingKey) => boolean,
): Fault[] {
  const faults: Fault[] = [];
  const check: Check = (keys, broken, rule) => {
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
    ["workloads"],
    () => value.workloads.grafana && !value.workloads.prometheus,
    "allowed: grafana with prometheus alone, which it asks; switch both off, or neither",
  );
  checkAws(value, check);
  check(
    ["context", "allowedContexts"],
    () => value.target === "minikube" && !value.allowedContexts.includes(value.context),
    `its server is ${contexts.get(value.context) ?? "unknown here"}; ` +
      `allowed: one of allowedContexts, which is ${value.allowedContexts.join(", ")}`,
  );
  return faults;
}

/** Rules of what is on AWS. */
function checkAws(value: Settings, check: Check): void {
  const aws = value.target === "aws";
  check(
    ["allowedAccounts"],
    () => aws && value.allowedAccounts.length === 0,
    "allowed: the accounts that this stack may act on, at least one",
  );
  check(
    ["clusterAdmins"],
    () => aws && value.clusterAdmins.length === 0,
    "allowed: at least one role; nobody else gets into the cluster",
  );
  check(
    ["name", "operators"],
    () => aws && value.operators.length > 0 && /aws|amazon|cognito/.test(value.name),
    "allowed where there are operators: names without aws, amazon, cognito, which Cognito takes " +
      "none with",
  );
  check(
    ["vpcCidr", "awsZones"],
    () => !canPlan(value),
    "allowed: a block of IPv4 addresses from /16 to /22 that begins at its first address",
  );
  const { kubernetesVersion: ofNodes, nodeReleaseVersion: release } = value;
  check(
    ["nodeReleaseVersion", "kubernetesVersion"],
    () => release !== "newest" && !release.startsWith(`${ofNodes}.`),
    `allowed: newest, or one of kubernetesVersion, such as ${ofNodes}.0-20260115`,
  );
  check(
    ["nodesPerZoneMax", "nodesPerZoneMin"],
    () => value.nodesPerZoneMax < value.nodesPerZoneMin,
    `allowed: at least nodesPerZoneMin, which is ${value.nodesPerZoneMin}`,
  );
  check(
    ["nodesAcrossMax", "nodesAcrossMin"],
    () => value.nodesAcrossMax < value.nodesAcrossMin,
    `allowed: at least nodesAcrossMin, which is ${value.nodesAcrossMin}`,
  );
}

function show(key: string, value: unknown): string {
  if (secretSettings.some((secret) => secret === key)) return "what is not shown here";
  return value === undefined ? "nothing" : JSON.stringify(value);
}

function refuse(faults: readonly Fault[]): never {
  const lines = faults.map(
    ({ key, got, rule }) => `  ${project}:${key}: got ${show(key, got)}; ${rule}`,
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
    if (issue.code === "unrecognized_keys" && issue.path.length === 0) {
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

/** A value as its setting has it: `1.30` is a number to one setting and a version to another. */
function typed(key: string, text: string): unknown {
  const field = Object.entries(schema.shape).find(([name]) => name === key)?.[1];
  if (field?.safeParse(text).success) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? text : value;
  } catch {
    return text;
  }
}

/** Refuses what should be secret and is in the clear. */
function requireSecret(settings: Settings): void {
  const secrets: unknown = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]");
  const faults = secretSettings
    .filter((key) => settings[key].some((one) => one.kind !== "email" || one.login))
    .filter((key) => !Array.isArray(secrets) || !secrets.includes(`${project}:${key}`))
    .map((key) => ({
      key,
      got: undefined,
      rule: "allowed: what was set with `pulumi config set --secret --path`, so that it is encrypted",
    }));
  if (faults.length > 0) refuse(faults);
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
    .map(([full, text]) => {
      const key = full.slice(prefix.length);
      return [key, typed(key, text)];
    });
  const settings = parseSettings(Object.fromEntries(raw), contexts);
  requireSecret(settings);
  return settings;
}
