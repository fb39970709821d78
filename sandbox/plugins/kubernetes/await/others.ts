import { at, isJsonMap, type JsonMap, list, same, text } from "../json.ts";
import { nameOf } from "../objects.ts";
import {
  condition,
  failed,
  holds,
  READY,
  type Surroundings,
  type Verdict,
  waiting,
} from "./verdict.ts";

async function hasEndpoints(around: Surroundings, service: string): Promise<boolean> {
  const selector = `labelSelector=${encodeURIComponent(`kubernetes.io/service-name=${service}`)}`;
  const slices = await around.list("discovery.k8s.io/v1", "EndpointSlice", selector);
  return slices.some((slice) =>
    list(slice, "endpoints").some((one) => at(one, "conditions", "ready") !== false),
  );
}

/**
 * Ready when it has an endpoint that is ready and, as a load balancer, an address. Headless ones,
 * those that name an external host and those without a selector are never waited for.
 */
export async function service(object: JsonMap, around: Surroundings): Promise<Verdict> {
  const type = text(object, "spec", "type");
  if (type === "ExternalName" || text(object, "spec", "clusterIP") === "None") return READY;
  const selector = at(object, "spec", "selector");
  const selects = isJsonMap(selector) && Object.keys(selector).length > 0;
  if (selects && !(await hasEndpoints(around, nameOf(object)))) {
    return waiting(
      "the Service does not target any ready Pods; its selector may not match the labels of any",
    );
  }
  if (type === "LoadBalancer" && list(object, "status", "loadBalancer", "ingress").length === 0) {
    return waiting("the Service has no IP address yet; is there a load balancer in this cluster?");
  }
  return READY;
}

/** Ready when it has an address and every Service behind it has endpoints. */
export async function ingress(object: JsonMap, around: Surroundings): Promise<Verdict> {
  const paths = list(object, "spec", "rules").flatMap((rule) => list(rule, "http", "paths"));
  const backends = [
    text(object, "spec", "defaultBackend", "service", "name"),
    ...paths.map((path) => text(path, "backend", "service", "name")),
  ];
  for (const name of new Set(backends.filter((one) => one !== ""))) {
    const [backend] = await around.list(
      "v1",
      "Service",
      `fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`,
    );
    if (backend === undefined) return waiting(`the Service ${name} does not exist`);
    const external = text(backend, "spec", "type") === "ExternalName";
    if (!external && !(await hasEndpoints(around, name))) {
      return waiting(`the Service ${name} has no ready Pods`);
    }
  }
  return list(object, "status", "loadBalancer", "ingress").length > 0
    ? READY
    : waiting("the Ingress has no address yet; is there an ingress controller in this cluster?");
}

/** Ready when bound; a class that binds for the first Pod only is not waited for. */
export async function claim(object: JsonMap, around: Surroundings): Promise<Verdict> {
  const phase = text(object, "status", "phase");
  if (phase === "Bound") return READY;
  if (phase === "Lost") return failed("the volume of the PersistentVolumeClaim is lost");
  const name = text(object, "spec", "storageClassName");
  const found =
    name === "" ? undefined : await around.find("storage.k8s.io/v1", "StorageClass", name);
  if (found !== undefined && text(found, "volumeBindingMode") === "WaitForFirstConsumer")
    return READY;
  return waiting(`the PersistentVolumeClaim is ${phase || "new"}, not Bound`);
}

/** Ready when it can be bound or is. */
export function volume(object: JsonMap): Verdict {
  const phase = text(object, "status", "phase");
  if (phase === "Available" || phase === "Bound") return READY;
  if (phase === "Failed") return failed(`the volume failed: ${text(object, "status", "message")}`);
  return waiting(`the PersistentVolume is ${phase || "new"}`);
}

/** Ready when its limits are in force. */
export function quota(object: JsonMap): Verdict {
  return same(at(object, "spec", "hard"), at(object, "status", "hard"))
    ? READY
    : waiting("the limits are not in force yet");
}

/** Ready when the API server serves it. */
export function definition(object: JsonMap): Verdict {
  const names = condition(object, "NamesAccepted");
  if (text(names, "status") === "False") return failed(text(names, "message"));
  return holds(object, "Established")
    ? READY
    : waiting("the API server does not serve the definition yet");
}

/** A token's Secret is ready when the token has been written. */
export function secret(object: JsonMap): Verdict {
  const token = text(object, "type") === "kubernetes.io/service-account-token";
  return token && at(object, "data", "token") === undefined
    ? waiting("the token has not been issued yet")
    : READY;
}
