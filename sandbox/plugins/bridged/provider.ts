import type { Provider, ReadRequest, ReadResult } from "../rpc/index.ts";
import { type PropertyMap, revealKnown, Secret, UNKNOWN } from "../rpc/index.ts";
import { checkInputs, knownValues, withDefaults, withoutNulls } from "./check.ts";
import { diff } from "./diff.ts";
import type { Kind, Values } from "./kind.ts";

/**
 * Makes a plugin out of a table from type token (`random:index/randomId:RandomId`) to kind.
 * A type that is not in the table fails with a list of those that are.
 */
export function bridgedProvider(plugin: string, kinds: Readonly<Record<string, Kind>>): Provider {
  const kindOf = (type: string): Kind => {
    const kind = kinds[type];
    if (kind !== undefined) return kind;
    const names = Object.keys(kinds).map((token) => token.split(":").at(-1));
    throw new Error(
      `the ${plugin} stand-in does not know the type ${type}; allowed: ${names.join(", ")}; ` +
        `others need the real ${plugin} plugin`,
    );
  };
  return {
    async check({ type, inputs }) {
      const given = withoutNulls(inputs);
      return { inputs: given, failures: checkInputs(kindOf(type), given) };
    },
    async diff({ type, oldState, inputs }) {
      return diff(kindOf(type), oldState, inputs);
    },
    async create({ type, inputs, preview }) {
      const kind = kindOf(type);
      if (preview) return { id: "", state: stateOf(kind, inputs, undefined) };
      const { id, outputs } = await kind.make(knownValues(kind, inputs));
      return { id, state: stateOf(kind, inputs, outputs) };
    },
    async update({ type, inputs, oldState }) {
      const kind = kindOf(type);
      // Only what no output depends on is updated in place, so the outputs stay.
      const kept = Object.entries(oldState).filter(([name]) => name in kind.outputs);
      return { state: { ...withSecrets(kind, inputs), ...Object.fromEntries(kept) } };
    },
    async read(request) {
      return read(kindOf(request.type), request);
    },
    async delete() {},
  };
}

async function read(kind: Kind, request: ReadRequest): Promise<ReadResult> {
  const { id, oldInputs, oldState, type } = request;
  if (Object.keys(oldState).length > 0) {
    const expired = kind.expired?.(revealKnown(oldState)) ?? {};
    return { id, inputs: oldInputs, state: { ...oldState, ...expired } };
  }
  if (kind.import === undefined) throw new Error(`${type} cannot be imported: its ID says nothing`);
  const found = await kind.import(id);
  return { id: found.id, inputs: found.inputs, state: stateOf(kind, found.inputs, found.outputs) };
}

function withSecrets(kind: Kind, inputs: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(withDefaults(kind, inputs)).map(([name, value]) => [
      name,
      kind.fields[name]?.secret && !(value instanceof Secret) ? new Secret(value) : value,
    ]),
  );
}

function stateOf(kind: Kind, inputs: PropertyMap, outputs: Values | undefined): PropertyMap {
  const computed = Object.entries(kind.outputs).map(([name, visibility]) => {
    const value = outputs === undefined ? UNKNOWN : (outputs[name] ?? null);
    return [name, visibility === "secret" ? new Secret(value) : value];
  });
  return { ...withSecrets(kind, inputs), ...Object.fromEntries(computed) };
}
