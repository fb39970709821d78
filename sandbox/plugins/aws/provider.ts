import {
  bare,
  type CheckRequest,
  isMap,
  type PropertyMap,
  type PropertyValue,
  type Provider,
  Secret,
  UNKNOWN,
} from "../rpc/index.ts";
import { diffInputs, isDefault } from "./diff.ts";
import { answer } from "./functions.ts";
import type { AwsType } from "./kind.ts";
import { checkSettings, readSettings, type Settings, withDefaultTags } from "./settings.ts";
import { AWS_TYPES } from "./types.ts";

const REFUSAL = "this stand-in only previews; install the aws plugin to change anything on AWS";

/**
 * The aws plugin, as far as `pulumi preview` needs it: it plans from what the program and the state
 * say, and asks AWS nothing. Whatever would look at AWS or change it is refused. `environment`
 * gives AWS_REGION; the provider's settings in the program come first.
 */
export function awsProvider(environment: NodeJS.ProcessEnv): Provider {
  let settings = readSettings({}, environment);
  return {
    async checkConfig({ inputs }) {
      return { inputs, failures: checkSettings(inputs, environment) };
    },
    async configure(config) {
      settings = readSettings(config, environment);
    },
    async check(request) {
      return { inputs: checked(typeOf(request.type), settings, request), failures: [] };
    },
    async diff({ type, oldInputs, oldState, inputs }) {
      const { before, after } = comparable(settings, { oldInputs, oldState, inputs });
      return diffInputs(typeOf(type), before, after);
    },
    async create({ type, inputs, preview }) {
      if (!preview) throw new Error(REFUSAL);
      return { id: "", state: filled(typeOf(type), inputs, {}) };
    },
    async update({ type, inputs, oldState, preview }) {
      if (!preview) throw new Error(REFUSAL);
      return { state: updated(typeOf(type), oldState, inputs) };
    },
    async read() {
      throw new Error(REFUSAL);
    },
    async delete() {
      throw new Error(REFUSAL);
    },
    async invoke({ token, args }) {
      return answer(settings, token, args);
    },
  };
}

function typeOf(token: string): AwsType {
  const type = AWS_TYPES[token];
  if (type !== undefined) return type;
  throw new Error(
    `the aws stand-in does not know the type ${token}; add it to sandbox/plugins/aws/types.ts, ` +
      "or use the real aws plugin",
  );
}

function checked(type: AwsType, settings: Settings, request: CheckRequest): PropertyMap {
  const { oldInputs } = request;
  const given = Object.entries(request.inputs).filter(([, value]) => value !== null);
  const inputs: PropertyMap = Object.fromEntries(given);
  const name = type.autoName ?? "";
  // A name that was made up stays; a new one is left to the real plugin, so not known.
  const kept = inputs[name] === undefined && isDefault(oldInputs, name);
  return {
    ...inputs,
    ...(kept ? { [name]: oldInputs[name] ?? UNKNOWN } : {}),
    ...(type.tags ? { tagsAll: withDefaultTags(settings, inputs.tags) } : {}),
  };
}

interface Compared {
  readonly oldInputs: PropertyMap;
  readonly oldState: PropertyMap;
  readonly inputs: PropertyMap;
}

function comparable(settings: Settings, { oldInputs, oldState, inputs }: Compared) {
  const before: Record<string, PropertyValue> = { tagsAll: oldState.tagsAll ?? {}, ...oldInputs };
  const after: Record<string, PropertyValue> = { ...inputs };
  const was = oldState.region;
  const is = inputs.region ?? settings.region;
  // A resource that names no region follows the provider's, and moves with it.
  if (was !== undefined && is !== undefined) {
    before.region = was;
    after.region = is;
  }
  return { before, after };
}

// Outputs that are missing here become unknown in the SDK while it previews.
function updated(type: AwsType, oldState: PropertyMap, inputs: PropertyMap): PropertyMap {
  const changing = new Set(type.changing);
  const stable = Object.entries(oldState).filter(([name]) => !changing.has(name));
  return filled(type, { ...Object.fromEntries(stable), ...inputs }, oldState);
}

function filled(type: AwsType, state: PropertyMap, oldState: PropertyMap): PropertyMap {
  const all: Record<string, PropertyValue> = { ...state };
  for (const path of type.filled ?? []) {
    const [outer = "", inner = ""] = path.split(".");
    const within = bare(all[outer]);
    if (!isMap(within) || (within[inner] ?? null) !== null) continue;
    const old = bare(oldState[outer]);
    const whole: PropertyMap = {
      ...within,
      [inner]: (isMap(old) ? old[inner] : undefined) ?? UNKNOWN,
    };
    all[outer] = all[outer] instanceof Secret ? new Secret(whole) : whole;
  }
  return all;
}
