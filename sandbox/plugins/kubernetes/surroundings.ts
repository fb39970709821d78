import type { Surroundings } from "./await/verdict.ts";
import type { Cluster } from "./cluster.ts";
import type { JsonMap } from "./json.ts";
import { kindOf, namespaceOf } from "./objects.ts";

/** What lies around an object in a cluster. */
export function surroundings(cluster: Cluster, object: JsonMap): Surroundings {
  return {
    list: (apiVersion, kind, selector) =>
      cluster.list(kindOf(apiVersion, kind), namespaceOf(object), selector),
    find: (apiVersion, kind, name) =>
      cluster.get({ kind: kindOf(apiVersion, kind), namespace: "", name }),
  };
}
