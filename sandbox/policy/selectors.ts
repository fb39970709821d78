import type { Selector } from "./objects.ts";

type Labels = Readonly<Record<string, string>>;
type Expression = NonNullable<Selector["matchExpressions"]>[number];

function holds({ key, operator, values = [] }: Expression, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      throw new Error(
        `operator "${operator}" of a label selector is unknown: use In, NotIn, Exists or DoesNotExist`,
      );
  }
}

/**
 * Whether a selector chooses an object by its labels: all of its labels and all of its expressions
 * have to hold, so an empty one chooses everything. Throws on an operator that the API has not got.
 */
export function selects(selector: Selector, labels: Labels = {}): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(
      ([key, value]) => Object.hasOwn(labels, key) && labels[key] === value,
    ) && matchExpressions.every((expression) => holds(expression, labels))
  );
}
