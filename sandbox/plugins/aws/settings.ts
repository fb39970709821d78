import {
  bare,
  type CheckFailure,
  hasSecret,
  hasUnknown,
  isMap,
  type PropertyMap,
  type PropertyValue,
  Secret,
  UNKNOWN,
} from "../rpc/index.ts";

/** The provider's settings that a plan depends on. */
export interface Settings {
  /** Where everything is made that names no region of its own; `undefined` while not known. */
  readonly region: string | undefined;
  /** Account that the credentials are said to be of: the first one that is allowed. */
  readonly account: string;
  /** Tags for whatever takes tags, as the program gave them: secret or not known yet, maybe. */
  readonly defaultTags: PropertyValue;
}

/** Tells what is wrong with the provider's inputs; what is not known yet is good. */
export function checkSettings(
  inputs: PropertyMap,
  environment: NodeJS.ProcessEnv,
): readonly CheckFailure[] {
  if (bare(inputs.region) === UNKNOWN || regionOf(inputs, environment) !== undefined) return [];
  return [
    {
      property: "region",
      reason: "missing; set it on the provider, or AWS_REGION in the environment",
    },
  ];
}

/** Reads the provider's settings. Throws where one is malformed. */
export function readSettings(config: PropertyMap, environment: NodeJS.ProcessEnv): Settings {
  const given = parsed("defaultTags", bare(config.defaultTags)) ?? {};
  const tags = isMap(given) ? (given.tags ?? {}) : given;
  return {
    region: regionOf(config, environment),
    account: accountOf(config),
    defaultTags: config.defaultTags instanceof Secret ? new Secret(tags) : tags,
  };
}

// The account of AWS's own documentation, which belongs to nobody.
const EXAMPLE_ACCOUNT = "123456789012";

function accountOf(config: PropertyMap): string {
  const allowed = parsed("allowedAccountIds", bare(config.allowedAccountIds));
  const first = Array.isArray(allowed) ? bare(allowed[0]) : undefined;
  return typeof first === "string" ? first : EXAMPLE_ACCOUNT;
}

/** The tags of a resource with the provider's defaults below them. */
export function withDefaultTags(
  settings: Settings,
  tags: PropertyValue | undefined,
): PropertyValue {
  const defaults = bare(settings.defaultTags);
  const own = bare(tags) ?? {};
  const merged =
    isMap(defaults) && isMap(own) && !hasUnknown(defaults) && !hasUnknown(own)
      ? { ...defaults, ...own }
      : UNKNOWN;
  return hasSecret(settings.defaultTags) || hasSecret(tags) ? new Secret(merged) : merged;
}

function regionOf(inputs: PropertyMap, environment: NodeJS.ProcessEnv): string | undefined {
  const given = bare(inputs.region);
  if (given === UNKNOWN) return undefined;
  const region = given || environment.AWS_REGION || environment.AWS_DEFAULT_REGION;
  return typeof region === "string" ? region : undefined;
}

// The SDK writes settings that are no strings as JSON.
function parsed(name: string, value: PropertyValue | undefined): PropertyValue | undefined {
  if (value === "") return undefined;
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as PropertyValue;
  } catch {
    throw new Error(`provider setting ${name} is malformed; allowed: JSON`);
  }
}
