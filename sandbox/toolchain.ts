import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import type { ToolchainName } from "./context.ts";
import type { Progress, Step } from "./progress.ts";
import type { Run } from "./run.ts";

/** How one Go module is built. */
export interface Build {
  /** What it is called on the screen. */
  readonly title: string;
  /** Packages whose programs are made. */
  readonly packages: readonly string[];
  /** Build tags. @default none */
  readonly tags?: readonly string[];
  /** Variables that the linker sets. */
  readonly set: Readonly<Record<string, string>>;
}

const kubernetesVersion = "k8s.io/component-base/version";
const telegrafVersion = "github.com/influxdata/telegraf/internal.Version";
const stateMetricsVersion = "github.com/prometheus/common/version.Version";
const pulumiVersion = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/** What is in Telegraf; with all of its plugins it takes four times as long to compile. */
const telegrafPlugins = [
  ...["cpu", "diskio", "influxdb", "internal", "kernel", "kubernetes", "mem", "processes"],
  ...["prometheus", "swap", "system"],
].map((name) => `inputs.${name}`);

/**
 * All Go modules in the order in which they are built; the versions that they are told are those in
 * their go.mod. Most of the rest waits for Kubernetes. Pulumi is last: nothing is made of it, while
 * the images of Consul and of what belongs to monitoring are made as it is compiled.
 */
export const builds: Readonly<Record<ToolchainName, Build>> = {
  kubernetes: {
    title: "Kubernetes",
    packages: ["./cmd/..."],
    set: {
      [`${kubernetesVersion}.gitVersion`]: "v1.34.3",
      [`${kubernetesVersion}.gitMajor`]: "1",
      [`${kubernetesVersion}.gitMinor`]: "34",
      [`${kubernetesVersion}.gitTreeState`]: "clean",
    },
  },
  consul: {
    title: "Consul",
    packages: ["github.com/hashicorp/consul", "github.com/hashicorp/consul-template"],
    // Both have their versions in their sources.
    set: {},
  },
  // Of what these are made of, three quarters are compiled for Kubernetes: same versions, same flags.
  monitoring: {
    title: "kube-state-metrics and Telegraf",
    packages: ["k8s.io/kube-state-metrics/v2", "github.com/influxdata/telegraf/cmd/telegraf"],
    tags: ["custom", ...telegrafPlugins, "outputs.influxdb", "outputs.prometheus_client"],
    set: { [stateMetricsVersion]: "v2.15.0", [telegrafVersion]: "1.34.0" },
  },
  "pulumi-language-nodejs": {
    title: "Pulumi's language host",
    packages: ["github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"],
    set: { [pulumiVersion]: "v3.60.0" },
  },
  pulumi: {
    title: "Pulumi",
    packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
    set: { [pulumiVersion]: "v3.230.0" },
  },
};

/** Folder of the Go modules. */
const toolchainFolder = join(__dirname, "toolchain");

function tagArguments({ tags }: Build): readonly string[] {
  return tags ? ["-tags", tags.join(",")] : [];
}

/** Arguments of `go` that build a module's programs into `output`. */
export function buildArguments(build: Build, output: string): readonly string[] {
  const set = Object.entries(build.set).map(([name, value]) => ` -X ${name}=${value}`);
  return [
    ...["build", "-trimpath", "-buildvcs=false", "-mod=readonly", ...tagArguments(build)],
    // The linker drops what debuggers read; not writing it saves a tenth of the compiler's time.
    "-gcflags=all=-dwarf=false",
    ...["-ldflags", `-s -w${set.join("")}`, "-o", `${output}/`, ...build.packages],
  ];
}

/** Programs without C: they run in images that hold nothing else. */
const environment = { CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" };

/** Hash of everything that a build depends on: sources, how it is built, the version of Go. */
export function buildKey(folder: string, build: Build, goVersion: string): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([buildArguments(build, ""), environment, goVersion]));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    hash.update(`\n${relative(folder, file)}\n`).update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

/** What builds need. */
export interface BuildContext {
  /** Folder of the finished builds. */
  readonly builds: string;
  readonly run: Run;
}

/** Where the programs of a Go module are once they are built from the present sources. */
async function finishedBuild(
  name: ToolchainName,
  { builds: folder, run }: BuildContext,
): Promise<string> {
  const goVersion = (await run("go", ["version"], { env: { GOTOOLCHAIN: "auto" } })).trim();
  const key = buildKey(join(toolchainFolder, name), builds[name], goVersion);
  return join(folder, `${name}-${key}`);
}

/**
 * Downloads what a module's programs are built from, unless they are built: the network is idle
 * while another module is compiled. What cannot be had is left to the build to report.
 */
export async function fetchModules(name: ToolchainName, context: BuildContext): Promise<void> {
  if (existsSync(await finishedBuild(name, context))) return;
  const build = builds[name];
  const list = ["list", "-deps", "-mod=readonly", ...tagArguments(build), ...build.packages];
  const cwd = join(toolchainFolder, name);
  await context.run("go", list, { cwd, env: environment }).catch(() => undefined);
}

/**
 * Builds a Go module, unless that was done before, and hands out the folder with its programs.
 * A build that breaks off leaves nothing that could be taken for a finished one.
 */
export async function buildModule(
  name: ToolchainName,
  context: BuildContext,
  step: Step,
): Promise<string> {
  const folder = join(toolchainFolder, name);
  const finished = await finishedBuild(name, context);
  if (existsSync(finished)) return finished;
  mkdirSync(context.builds, { recursive: true });
  const unfinished = mkdtempSync(`${finished}.`);
  let downloads = 0;
  try {
    await context.run("go", buildArguments(builds[name], unfinished), {
      cwd: folder,
      env: environment,
      onLine: (line) => {
        if (line.startsWith("go: downloading")) downloads += 1;
        step.detail(`compiling, ${downloads} modules downloaded`);
      },
    });
    renameSync(unfinished, finished);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return finished;
}

/** A promise for the folder of each Go module's programs. */
export type Builds = Readonly<Record<ToolchainName, Promise<string>>>;

/**
 * Builds all Go modules one after the other (each of them takes all processors), and fetches what
 * the later ones are built from in the meantime. Each build is a step of `progress`. After one that
 * fails none is begun, and their promises fail with its error.
 */
export function startBuilds(context: BuildContext, progress: Progress): Builds {
  const build = (name: ToolchainName): Promise<string> =>
    progress.step(`build ${builds[name].title} from Go modules`, (step) =>
      buildModule(name, context, step),
    );
  const kubernetes = build("kubernetes");
  const consulFetched = fetchModules("consul", context);
  const monitoringFetched = consulFetched.then(() => fetchModules("monitoring", context));
  const pulumiFetched = monitoringFetched.then(() => fetchModules("pulumi", context));
  const consul = Promise.all([kubernetes, consulFetched]).then(() => build("consul"));
  const monitoring = Promise.all([consul, monitoringFetched]).then(() => build("monitoring"));
  const host = Promise.all([monitoring, pulumiFetched]).then(() => build("pulumi-language-nodejs"));
  const pulumi = host.then(() => build("pulumi"));
  // Whoever waits for one of them is told of its failure; until then nobody may be.
  for (const promise of [kubernetes, consul, monitoring, host, pulumi]) {
    promise.catch(() => undefined);
  }
  return { kubernetes, consul, monitoring, "pulumi-language-nodejs": host, pulumi };
}
