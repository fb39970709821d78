import { z } from "zod";

/** An object of Kubernetes whose creation was begun and not finished. */
export interface PendingObject {
  readonly urn: string;
  /** What the kubernetes plugin calls it: `<namespace>/<name>`, or the name alone. */
  readonly id: string;
  /** Enough of it for `kubectl get -f -`. */
  readonly manifest: string;
}

/** What an exported state says of operations that were begun and not finished. */
export interface Pending {
  readonly count: number;
  /** Those of the creations that may be in the cluster already. */
  readonly objects: readonly PendingObject[];
  /** Context that the stack's Kubernetes provider was given; undefined before it has one. */
  readonly context: string | undefined;
}

const exported = z.object({
  deployment: z.object({
    resources: z
      .array(z.object({ type: z.string(), inputs: z.unknown().optional() }))
      .nullish()
      .transform((resources) => resources ?? []),
    pending_operations: z
      .array(
        z.object({
          type: z.string(),
          resource: z.object({
            urn: z.string(),
            type: z.string(),
            inputs: z.unknown().optional(),
          }),
        }),
      )
      .nullish()
      .transform((operations) => operations ?? []),
  }),
});

const object = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
});

const provider = z.object({ context: z.string() });

/**
 * The operations that an exported state holds as begun and not finished. Names of objects are known
 * from their inputs, also those that Pulumi gives.
 *
 * @param state what `pulumi stack export` prints
 */
export function pendingIn(state: string): Pending {
  const { resources, pending_operations } = exported.parse(JSON.parse(state)).deployment;
  const objects = pending_operations.flatMap(({ type, resource }): PendingObject[] => {
    const found = object.safeParse(resource.inputs);
    if (type !== "creating" || !resource.type.startsWith("kubernetes:") || !found.success) {
      return [];
    }
    const { name, namespace } = found.data.metadata;
    const id = namespace === undefined ? name : `${namespace}/${name}`;
    return [{ urn: resource.urn, id, manifest: JSON.stringify(found.data) }];
  });
  const [context] = resources
    .filter(({ type }) => type === "pulumi:providers:kubernetes")
    .flatMap(({ inputs }) => provider.safeParse(inputs).data?.context ?? []);
  return { count: pending_operations.length, objects, context };
}

/** One of them that is in the cluster. */
export interface CreatedObject {
  readonly urn: string;
  readonly id: string;
  /** As whom the plugin owns the object's fields; as anybody else it would meet conflicts there. */
  readonly fieldManager: string | undefined;
}

const listed = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        managedFields: z
          .array(z.object({ manager: z.string(), operation: z.string() }))
          .default([]),
      }),
    }),
  ),
});

/**
 * What came of an object that was being created; undefined where it is not there.
 *
 * @param found what `kubectl get --filename=- --show-managed-fields -o json` prints: a list, or
 * nothing
 */
export function createdAs({ urn, id }: PendingObject, found: string): CreatedObject | undefined {
  const [object] = found === "" ? [] : listed.parse(JSON.parse(found)).items;
  if (object === undefined) return undefined;
  const applied = object.metadata.managedFields.filter(({ operation }) => operation === "Apply");
  const ours = applied.find(({ manager }) => /^pulumi-kubernetes-[0-9a-f]{8}$/.test(manager));
  return { urn, id, fieldManager: ours?.manager };
}

interface EditedState {
  readonly deployment: {
    readonly resources?: readonly unknown[] | null;
    readonly pending_operations?: readonly { readonly resource: { readonly urn: string } }[] | null;
  };
}

/**
 * An exported state in which objects that were being created are resources like all others; what
 * they are like a refresh finds out. They come last: what depends on them was not begun yet.
 *
 * @param state what `pulumi stack export` prints
 * @param created those of the pending objects that are in the cluster
 * @returns what `pulumi stack import` takes
 */
export function withCreated(state: string, created: readonly CreatedObject[]): string {
  const { deployment, ...rest }: EditedState = JSON.parse(state);
  const found = new Map(created.map((one) => [one.urn, one]));
  const operations = deployment.pending_operations ?? [];
  const resources = operations.flatMap(({ resource }) => {
    const { id, fieldManager } = found.get(resource.urn) ?? {};
    if (id === undefined) return [];
    // The plugin keeps it there, and makes up another one where there is none.
    const outputs = fieldManager === undefined ? {} : { __fieldManager: fieldManager };
    return [{ ...resource, id, outputs }];
  });
  return JSON.stringify({
    ...rest,
    deployment: {
      ...deployment,
      resources: [...(deployment.resources ?? []), ...resources],
      pending_operations: operations.filter(({ resource }) => !found.has(resource.urn)),
    },
  });
}
