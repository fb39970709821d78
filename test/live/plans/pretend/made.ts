import {
  isList,
  isMap,
  type PropertyMap,
  type PropertyValue,
  Secret,
  UNKNOWN,
} from "../../../../sandbox/plugins/rpc/index.ts";

/** What stands for an output that a real plugin would give, and that nobody here looks at. */
const MADE_UP = "made-up";

/** A planned state as if it had come true: what is not known yet becomes something. */
export function made(state: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, settle(value)]));
}

function settle(value: PropertyValue): PropertyValue {
  if (value === UNKNOWN) return MADE_UP;
  if (value instanceof Secret) return new Secret(settle(value.value));
  if (isList(value)) return value.map(settle);
  return isMap(value) ? made(value) : value;
}
