import { z } from "zod";

/** An object of Kubernetes, as far as it is looked at. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const secretKey = "4dabf18193072939515e22adb298388d";

const exported = z.object({
  deployment: z.object({
    resources: z.array(
      z.object({
        type: z.string(),
        custom: z.boolean().optional(),
        inputs: z.unknown().optional(),
      }),
    ),
  }),
});

/** A value of the state with its secrets in the clear, as objects of Kubernetes have them. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (secretKey in value && "plaintext" in value) return plain(JSON.parse(String(value.plaintext)));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/**
 * The Kubernetes objects of a stack, namespaces first, for `kubectl apply`.
 *
 * @param state what `pulumi stack export --show-secrets` prints
 */
export function objectsOf(state: string): KubernetesObject[] {
  const { deployment } = exported.parse(JSON.parse(state));
  const objects = deployment.resources.filter(({ type }) => type.startsWith("kubernetes:"));
  const isNamespace = ({ type }: { readonly type: string }) => type.endsWith(":Namespace");
  const ordered = [...objects.filter(isNamespace), ...objects.filter((o) => !isNamespace(o))];
  return ordered.map(({ inputs }) => plain(inputs) as KubernetesObject);
}
