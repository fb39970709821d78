import { version } from "@pulumi/kubernetes/package.json";
import {
  at,
  type JsonMap,
  list,
  same,
  text,
  withValue,
} from "../../../../sandbox/plugins/kubernetes/json.ts";
import {
  apiVersionOf,
  idOf,
  kindOfObject,
} from "../../../../sandbox/plugins/kubernetes/objects.ts";
import { KubernetesProvider } from "../../../../sandbox/plugins/kubernetes/provider.ts";
import { fromState, toJson, toState } from "../../../../sandbox/plugins/kubernetes/state.ts";
import { SILENT } from "../../../../sandbox/plugins/rpc/engine.ts";
import {
  type CreateRequest,
  type CreateResult,
  hasUnknown,
  type PropertyMap,
  serve,
  type UpdateRequest,
} from "../../../../sandbox/plugins/rpc/index.ts";

/**
 * What an API server refuses to change and the plugin does not replace, by kind: an update of it
 * fails. Only kinds that the program has.
 * https://github.com/kubernetes/kubernetes/blob/v1.34.1/pkg/apis/storage/validation/validation.go
 */
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  StorageClass: ["reclaimPolicy", "volumeBindingMode"],
};

/** The first port that this cluster gives to a service on its nodes. */
const NODE_PORT = 30_080;

/** Plans as the stand-in does for a cluster that takes everything, and says that it is there. */
class Pretender extends KubernetesProvider {
  override configure(config: PropertyMap): Promise<void> {
    // A kubeconfig without a context: there is nobody to knock at.
    return super.configure({ ...config, kubeconfig: "{}" });
  }

  override async create({ inputs, preview }: CreateRequest): Promise<CreateResult> {
    if (preview) return { id: "", state: inputs };
    return { id: idOf(toJson(inputs)), state: stateOf(inputs) };
  }

  override async update({ inputs, oldState }: UpdateRequest): Promise<{ state: PropertyMap }> {
    requireAllowed(fromState(oldState).live, toJson(inputs));
    // A dry run, which knows everything, is not to be had for what is not known yet.
    return { state: hasUnknown(inputs) ? inputs : stateOf(inputs) };
  }
}

function requireAllowed(before: JsonMap, after: JsonMap): void {
  for (const field of FORBIDDEN[kindOfObject(after).kind] ?? []) {
    if (same(at(before, field), at(after, field))) continue;
    throw new Error(
      `${text(after, "kind")} ${idOf(after)} is invalid: ${field}: Forbidden: updates are forbidden`,
    );
  }
}

function stateOf(inputs: PropertyMap): PropertyMap {
  const object = toJson(inputs);
  const initialApiVersion = apiVersionOf(kindOfObject(object));
  const checkpoint = { inputs: object, live: live(object), initialApiVersion };
  return toState({ ...checkpoint, fieldManager: "pretended" }, inputs);
}

/** An object as an API server would show it, as far as others look at it. */
function live(object: JsonMap): JsonMap {
  switch (text(object, "kind")) {
    case "Secret": {
      const words = Object.entries(Object(at(object, "stringData") ?? {}));
      const data = words.map(([name, word]) => [name, Buffer.from(`${word}`).toString("base64")]);
      return withValue({ ...object, data: Object.fromEntries(data) }, ["stringData"], undefined);
    }
    case "Service": {
      if (text(object, "spec", "type") !== "NodePort") return object;
      const ports = list(object, "spec", "ports").map((port, index) => ({
        ...(port as JsonMap),
        nodePort: NODE_PORT + index,
      }));
      return withValue(object, ["spec", "ports"], ports);
    }
    case "Pod": {
      const ended = { state: { terminated: { exitCode: 0, message: "enforced" } } };
      const status = { phase: "Succeeded", podIP: "10.0.0.1", containerStatuses: [ended] };
      return { ...object, status };
    }
    default:
      return object;
  }
}

void serve({ name: "kubernetes", version, provider: () => new Pretender(SILENT) });
