import type { Recorded } from "./mocks.ts";

/** `kind name` of a resource, such as `Cluster kafka`: its type's last part, and its name. */
export function keyOf({ type, name }: Pick<Recorded, "type" | "name">): string {
  return `${type.split(":").at(-1)} ${name}`;
}

/** `kind name` by `urn:pulumi:<stack>::<project>::<types, the own one last>::<name>[::<ID>]`. */
function keyOfUrn(urn: string): string {
  const [, , type = "", name = ""] = urn.split("::");
  return keyOf({ type, name });
}

/**
 * What must stand before a resource is made, near and far, and so goes after it on destroy: what
 * it waits for, its explicit provider, and all that those need. Components are left out, for there
 * is nothing to make; so is a provider that is not among the resources.
 *
 * @param key `kind name` of a resource that is no component
 * @returns `kind name` of each; of the resource itself only where it waits for itself in the end
 * @throws Error when no resource has the key or two have the same, or when one that is waited for
 *   is not among the resources
 */
export function neededBy(resources: readonly Recorded[], key: string): Set<string> {
  const near = nearOf(resources);
  const found = new Set<string>();
  const visit = (of: string) => {
    const needs = near.get(of);
    if (needs === undefined) throw new Error(`no resource is ${of}`);
    for (const need of needs) {
      if (found.has(need)) continue;
      found.add(need);
      visit(need);
    }
  };
  visit(key);
  return found;
}

/** `kind name` of what each resource needs by its own word. */
function nearOf(resources: readonly Recorded[]): Map<string, readonly string[]> {
  const objects = resources.filter(({ custom }) => custom);
  const providers = new Set(
    objects.filter(({ type }) => type.startsWith("pulumi:providers:")).map(keyOf),
  );
  const near = new Map<string, readonly string[]>();
  for (const resource of objects) {
    const key = keyOf(resource);
    if (near.has(key)) throw new Error(`two resources are ${key}`);
    const provider = [resource.provider].map(keyOfUrn).filter((of) => providers.has(of));
    near.set(key, [...(resource.after ?? []).map(keyOfUrn), ...provider]);
  }
  return near;
}
