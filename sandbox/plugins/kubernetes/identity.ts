import type {
  CheckFailure,
  CheckRequest,
  CheckResult,
  DiffRequest,
  DiffResult,
} from "../rpc/index.ts";
import { bare, type PropertyMap, reveal, UNKNOWN } from "../rpc/index.ts";
import { differsAtAll } from "../rpc/messages.ts";
import { at, type Json, same } from "./json.ts";
import { type Choice, clusterOf, loadKubeconfig } from "./kubeconfig.ts";

const LOCATORS = ["kubeconfig", "context", "cluster"] as const;

/** Under `strictMode` a default provider and an unnamed kubeconfig or context are refused. */
export function checkConfig(request: CheckRequest): CheckResult {
  const failures: CheckFailure[] = [];
  if (bare(request.inputs.strictMode) === "true" || strictByConfig()) {
    if (/^default(_|$)/.test(request.name)) {
      failures.push({ property: "", reason: "strict mode prohibits default provider" });
    }
    for (const property of ["kubeconfig", "context"]) {
      if (!bare(request.inputs[property])) {
        const reason = `strict mode requires Provider "${property}" argument`;
        failures.push({ property, reason });
      }
    }
  }
  return { inputs: request.inputs, failures };
}

function strictByConfig(): boolean {
  const config = process.env.PULUMI_CONFIG;
  if (!config) return false;
  return at(JSON.parse(config) as Json, "strictMode") === "true";
}

/**
 * A provider that points to another cluster is replaced, and with it all that it made. Which
 * cluster it is, `clusterIdentifier` says; without one, the cluster entry of the kubeconfig.
 */
export function diffConfig(request: DiffRequest): DiffResult {
  const { oldInputs, inputs } = request;
  const plain = differsAtAll(request);
  const changed = Object.keys(plain.detailed);
  const before = bare(oldInputs.clusterIdentifier);
  const after = bare(inputs.clusterIdentifier);
  const replaces = identified(before, after) ?? located(oldInputs, inputs, changed);
  return {
    ...plain,
    replaces,
    detailed: Object.fromEntries(
      changed.map((name) => [name, replaces.includes(name) ? "update-replace" : "update"]),
    ),
  };
}

function identified(before: unknown, after: unknown): readonly string[] | undefined {
  if (!before || !after) return undefined;
  return before === after ? [] : ["clusterIdentifier"];
}

function located(
  oldInputs: PropertyMap,
  inputs: PropertyMap,
  changed: readonly string[],
): readonly string[] {
  const suspects = LOCATORS.filter((name) => changed.includes(name));
  const unknown = suspects.filter((name) => bare(inputs[name]) === UNKNOWN);
  if (unknown.length > 0 || suspects.length === 0) return unknown;
  try {
    return same(entryOf(oldInputs), entryOf(inputs)) ? [] : suspects;
  } catch {
    // A kubeconfig that cannot be read says nothing about the cluster.
    return [];
  }
}

function entryOf(inputs: PropertyMap): Json {
  const word = (name: string): string => String(reveal(inputs[name] ?? ""));
  const choice: Choice = {
    kubeconfig: word("kubeconfig"),
    context: word("context"),
    cluster: word("cluster"),
  };
  return clusterOf(loadKubeconfig(choice), choice);
}
