import type { CheckFailure } from "../rpc/index.ts";
import { bare, isMap, type Plain, type PropertyMap, reveal, Secret } from "../rpc/index.ts";
import type { Credentials } from "./engine.ts";

/** What is to be built and where it goes, with all defaults. Paths as the program gave them. */
export interface ImageOrder {
  readonly name: ImageName;
  readonly context: string;
  readonly dockerfile: string;
  readonly platform: string;
  readonly args: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  readonly network: string | undefined;
  readonly addHosts: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly builder: "BuilderV1" | "BuilderBuildKit";
  readonly skipPush: boolean;
  readonly registryServer: string;
  readonly credentials: Credentials | undefined;
}

/** The parts of an image's name. */
export interface ImageName {
  /** The name as the program gave it. */
  readonly full: string;
  /** Registry host, with its port; undefined where the name has none. */
  readonly host: string | undefined;
  /** Everything before the tag. */
  readonly repository: string;
  readonly tag: string;
}

const BUILD_INPUTS = [
  "addHosts",
  "args",
  "builderVersion",
  "cacheFrom",
  "context",
  "dockerfile",
  "network",
  "platform",
  "target",
];
const INPUTS = ["build", "buildOnPreview", "imageName", "registry", "skipPush"];
const BUILDERS = ["BuilderV1", "BuilderBuildKit"];

/** Takes the name of an image apart; without a tag it is `latest`. */
function parseName(full: string): ImageName {
  const colon = full.indexOf(":", full.lastIndexOf("/") + 1);
  const repository = colon < 0 ? full : full.slice(0, colon);
  const first = repository.includes("/") ? repository.slice(0, repository.indexOf("/")) : "";
  const named = first === "localhost" || /[.:]/.test(first);
  return {
    full,
    host: named ? first : undefined,
    repository,
    tag: colon < 0 ? "latest" : full.slice(colon + 1),
  };
}

/** Faults in inputs that are known already; what is unknown yet is passed over. */
export function checkImage(inputs: PropertyMap): readonly CheckFailure[] {
  const given = bare(inputs.build);
  const build = isMap(given) ? given : {};
  const failures = [
    ...foreign("", Object.keys(inputs), INPUTS),
    ...foreign("build.", Object.keys(build), [...BUILD_INPUTS, "contextDigest"]),
  ];
  const builder = bare(build.builderVersion);
  if (typeof builder === "string" && !BUILDERS.includes(builder)) {
    const reason = `got "${builder}"; allowed: ${BUILDERS.join(", ")}`;
    failures.push({ property: "build.builderVersion", reason });
  }
  const name = bare(inputs.imageName);
  if (name === undefined)
    failures.push({ property: "imageName", reason: "missing; it is required" });
  if (typeof name !== "string") return failures;
  const registry = bare(inputs.registry);
  const server = isMap(registry) ? bare(registry.server) : undefined;
  const pushed = bare(inputs.skipPush) !== true;
  if (pushed && server === undefined && parseName(name).host === undefined) {
    failures.push({
      property: "imageName",
      reason: `got "${name}"; allowed: a name with its registry, as docker.io/repository/image:tag`,
    });
  }
  return failures;
}

function foreign(
  prefix: string,
  names: readonly string[],
  allowed: readonly string[],
): CheckFailure[] {
  return names
    .filter((name) => !allowed.includes(name))
    .map((name) => ({
      property: prefix + name,
      reason: `no such input; allowed: ${allowed.join(", ")}`,
    }));
}

/** Hides the registry's password, whether the program marked it or not. */
export function withSecretPassword(inputs: PropertyMap): PropertyMap {
  const registry = inputs.registry;
  if (!isMap(registry) || registry.password === undefined) return inputs;
  if (registry.password instanceof Secret || registry.password === null) return inputs;
  return { ...inputs, registry: { ...registry, password: new Secret(registry.password) } };
}

/** Reads checked inputs. Throws a `TypeError` where one is not known yet. */
export function readOrder(inputs: PropertyMap): ImageOrder {
  const { build, imageName, registry, skipPush } = reveal(inputs) as Record<string, Plain>;
  const given = (build ?? {}) as Readonly<Record<string, Plain>>;
  const text = (name: string): string | undefined =>
    given[name] == null ? undefined : String(given[name]);
  const cache = (given.cacheFrom ?? {}) as { readonly images?: readonly string[] };
  const name = parseName(String(imageName));
  const { server, username, password } = (registry ?? {}) as Partial<Credentials>;
  const credentials =
    username === undefined || password === undefined
      ? undefined
      : { server: server ?? name.host ?? "", username, password };
  return {
    name,
    context: text("context") ?? ".",
    dockerfile: text("dockerfile") ?? "Dockerfile",
    platform: text("platform") ?? "",
    args: (given.args ?? {}) as Readonly<Record<string, string>>,
    target: text("target"),
    network: text("network"),
    addHosts: (given.addHosts ?? []) as readonly string[],
    cacheFrom: cache.images ?? [],
    builder: text("builderVersion") === "BuilderV1" ? "BuilderV1" : "BuilderBuildKit",
    skipPush: skipPush === true,
    registryServer: server ?? "",
    credentials,
  };
}
