import {
  bare,
  type DiffKind,
  type DiffResult,
  type Engine,
  hasUnknown,
  isMap,
  type PropertyMap,
  type PropertyValue,
  type Provider,
  reveal,
  Secret,
  UNKNOWN,
} from "../rpc/index.ts";
import { buildImage } from "./build.ts";
import { digestContext, readContext } from "./context.ts";
import { DEFAULT_HOST, DockerEngine } from "./engine.ts";
import { checkImage, type ImageOrder, readOrder, withSecretPassword } from "./inputs.ts";

const IMAGE = "docker:index/image:Image";
const OUTPUTS = ["baseImageName", "context", "dockerfile", "registryServer", "repoDigest"];

/**
 * The docker plugin, as far as it builds images. `environment` gives DOCKER_HOST; settings of the
 * provider in the program come first.
 */
export function dockerProvider(
  engine: Engine,
  environment: Readonly<Record<string, string | undefined>>,
): Provider {
  let host = environment.DOCKER_HOST ?? DEFAULT_HOST;
  const build = async (inputs: PropertyMap, preview: boolean, urn: string, signal: AbortSignal) => {
    if (preview && !buildsOnPreview(inputs)) return planned(inputs);
    const status = (line: string): void => engine.status(line, urn);
    return stateOf(new DockerEngine(host), readOrder(inputs), preview, status, signal);
  };
  return {
    async configure(config) {
      const given = bare(config.host);
      if (typeof given === "string" && given !== "") host = given;
    },
    async check({ type, urn, inputs }) {
      onlyImages(type);
      const given = Object.entries(inputs).filter(([, value]) => value !== null);
      const plain = withSecretPassword(Object.fromEntries(given));
      const failures = checkImage(plain);
      if (failures.length > 0) return { inputs: plain, failures };
      warnOfHalfLogin(engine, plain, urn);
      return { inputs: await withDefaults(plain), failures };
    },
    async diff({ type, oldInputs, inputs }) {
      onlyImages(type);
      return diffImage(oldInputs, inputs);
    },
    async create({ type, urn, inputs, preview }, signal) {
      onlyImages(type);
      const state = await build(inputs, preview, urn, signal);
      return { id: preview ? "" : readOrder(inputs).name.full, state };
    },
    async update({ type, urn, inputs, preview }, signal) {
      onlyImages(type);
      return { state: await build(inputs, preview, urn, signal) };
    },
    async read({ type, id, oldState, oldInputs }) {
      onlyImages(type);
      if (Object.keys(oldState).length === 0) throw new Error(`${type} cannot be imported`);
      // Like the real plugin: what is in the registry is not looked at.
      return { id, state: oldState, inputs: oldInputs };
    },
    // Like the real plugin: tags stay, in the engine and in the registry.
    async delete() {},
  };
}

function onlyImages(type: string): void {
  if (type === IMAGE) return;
  throw new Error(
    `the docker stand-in does not know the type ${type}; allowed: Image; others need the real ` +
      "docker plugin",
  );
}

function warnOfHalfLogin(engine: Engine, inputs: PropertyMap, urn: string): void {
  const given = bare(inputs.registry);
  const registry = isMap(given) ? given : {};
  if ((registry.username === undefined) === (registry.password === undefined)) return;
  engine.log("warning", "registry has a username or a password, not both; using neither", urn);
}

// Paths and the digest become inputs, so that a changed file is a changed input.
async function withDefaults(inputs: PropertyMap): Promise<PropertyMap> {
  const given = bare(inputs.build);
  if (given === UNKNOWN) return inputs;
  const build = isMap(given) ? given : {};
  const context = bare(build.context) ?? ".";
  const dockerfile =
    bare(build.dockerfile) ?? (typeof context === "string" ? `${context}/Dockerfile` : UNKNOWN);
  const known = typeof context === "string" && typeof dockerfile === "string";
  const contextDigest = known ? await digestContext(readContext(context, dockerfile)) : UNKNOWN;
  const platform = build.platform ?? `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
  const filled: PropertyMap = { ...build, context, dockerfile, contextDigest, platform };
  const kept = inputs.build instanceof Secret ? new Secret(filled) : filled;
  return { buildOnPreview: false, skipPush: false, ...inputs, build: kept };
}

function buildsOnPreview(inputs: PropertyMap): boolean {
  return bare(inputs.buildOnPreview) === true && !hasUnknown(inputs);
}

function planned(inputs: PropertyMap): PropertyMap {
  return {
    imageName: inputs.imageName ?? UNKNOWN,
    platform: platformOf(inputs),
    ...Object.fromEntries(OUTPUTS.map((name) => [name, UNKNOWN])),
  };
}

function platformOf(inputs: PropertyMap): PropertyValue {
  const build = bare(inputs.build);
  return (isMap(build) ? build.platform : undefined) ?? null;
}

// A preview may build, if the program wants it, but never pushes.
async function stateOf(
  docker: DockerEngine,
  order: ImageOrder,
  preview: boolean,
  status: (line: string) => void,
  signal: AbortSignal,
): Promise<PropertyMap> {
  const wanted = preview ? { ...order, skipPush: true } : order;
  const { dockerfile, repoDigest } = await buildImage(docker, wanted, status, signal);
  return {
    baseImageName: order.name.full,
    context: order.context,
    dockerfile,
    imageName: order.name.full,
    platform: order.platform,
    registryServer: order.registryServer,
    repoDigest: preview ? UNKNOWN : repoDigest,
  };
}

// Everything is an update in place. Who logs in does not matter for what is built.
function diffImage(before: PropertyMap, after: PropertyMap): DiffResult {
  const detailed: Record<string, DiffKind> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old = comparable(name, before[name]);
    const now = comparable(name, after[name]);
    if (old === now) continue;
    detailed[name] = old === undefined ? "add" : now === undefined ? "delete" : "update";
  }
  const changed = Object.keys(detailed).length > 0;
  return { changed, replaces: [], deleteBeforeReplace: false, detailed };
}

function comparable(name: string, value: PropertyValue | undefined): string | undefined {
  const given = bare(value);
  if (given === undefined || given === null) return undefined;
  if (name === "registry" && isMap(given)) return comparable("server", given.server);
  if (hasUnknown(given)) return "unknown";
  return JSON.stringify(sorted(reveal(given)));
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, one]) => [name, sorted(one)]));
}
