import type { Recorded } from "../mocks.ts";

/** A statement of an IAM policy, as far as it is looked at. */
export interface Statement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
}

/** Every statement of every policy that is in a resource's inputs, with the resource. */
export function awsPolicyStatements(
  resources: readonly Recorded[],
): { readonly of: string; readonly statement: Statement }[] {
  return resources
    .filter(({ type }) => type.startsWith("aws:"))
    .flatMap(({ type, name, inputs }) =>
      statementsIn(inputs).map((statement) => ({ of: `${type} ${name}`, statement })),
    );
}

/** Policies are objects, or JSON in a text, at any depth. */
function statementsIn(value: unknown): Statement[] {
  if (typeof value === "string") {
    return value.startsWith("{") ? statementsIn(JSON.parse(value)) : [];
  }
  if (typeof value !== "object" || value === null) return [];
  if (!Array.isArray(value) && "Effect" in value) return [value as Statement];
  return Object.values(value).flatMap(statementsIn);
}
