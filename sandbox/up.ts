import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { applyAddons, grantPolicyRights } from "./addons/index.ts";
import { addresses } from "./addresses.ts";
import { makeCertificates } from "./certificates.ts";
import type { SandboxContext } from "./context.ts";
import { dockerHost, startDocker } from "./docker.ts";
import { formatFinding } from "./doctor.ts";
import { buildImages } from "./images/index.ts";
import { clusterImages, workloadImages } from "./images/table.ts";
import { takeLock } from "./lock.ts";
import { examineMachine } from "./machine.ts";
import { applyKernelSettings, makeNodeBridge } from "./network.ts";
import {
  linkComponents,
  startComponent,
  startContainerd,
  startKubernetes,
  startRegistry,
  writeClusterConfiguration,
  writeEngineConfiguration,
} from "./node.ts";
import { installPackages } from "./packages.ts";
import { type SandboxPaths, sandboxPaths } from "./paths.ts";
import { installPlugins } from "./plugins/build.ts";
import { installPolicy } from "./policy/build.ts";
import { createProgress, type Progress, terminalProgress } from "./progress.ts";
import { createRun, type Run } from "./run.ts";
import { startBuilds } from "./toolchain.ts";
import { linkTools } from "./tools.ts";
import { rememberMachine } from "./trace.ts";

/** How many times `progress.step` is called, the steps of images and add-ons among them. */
const stepCount = 12;

async function startEngines(paths: SandboxPaths, run: Run): Promise<void> {
  await installPolicy(paths);
  writeEngineConfiguration(paths);
  await applyKernelSettings(run);
  await makeNodeBridge(run);
  await startComponent(paths, "log-trimmer");
  await Promise.all([startRegistry(paths), startContainerd(paths).then(() => startDocker(paths))]);
}

async function startCluster(context: SandboxContext): Promise<void> {
  const { paths, progress, run } = context;
  const build = await context.built("kubernetes");
  await progress.step("Kubernetes node", async () => {
    linkComponents(paths, build);
    await makeCertificates(paths.certificates, run);
    writeClusterConfiguration(paths);
    await startKubernetes(paths, build, () => grantPolicyRights(context));
  });
}

async function installTools(context: SandboxContext): Promise<void> {
  const [kubernetes, pulumi, languageHost] = await Promise.all([
    context.built("kubernetes"),
    context.built("pulumi"),
    context.built("pulumi-language-nodejs"),
  ]);
  linkTools(context.paths, { kubernetes, pulumi, languageHost }, process.env.PATH ?? "");
}

/**
 * Waits for all. The first one that fails ends the commands of the others, and only when none is
 * working any more its error is thrown.
 */
async function settle(stop: AbortController, ...work: readonly Promise<unknown>[]): Promise<void> {
  const failures: unknown[] = [];
  const note = (error: unknown): void => {
    failures.push(error);
    stop.abort();
  };
  await Promise.all(work.map((promise) => promise.catch(note)));
  if (failures.length > 0) throw failures[0];
}

/** Throws with one line for everything that would stop the work later on. */
async function examine(paths: SandboxPaths, run: Run, progress: Progress): Promise<void> {
  const findings = await examineMachine(paths, run);
  const errors = findings.filter(({ level }) => level === "error");
  if (errors.length > 0) throw new Error(errors.map(formatFinding).join("\n"));
  for (const finding of findings) progress.say(formatFinding(finding));
}

async function bringUp(paths: SandboxPaths, progress: Progress): Promise<void> {
  const stop = new AbortController();
  const plain = createRun({}, stop.signal);
  await examine(paths, plain, progress);
  mkdirSync(paths.run, { recursive: true, mode: 0o711 });
  rememberMachine(paths);
  const builds = startBuilds({ builds: paths.builds, run: plain }, progress);
  const plugins = progress.step("Pulumi plugins", () => installPlugins(paths.pulumi));
  // A package that is half installed is worse than a moment's wait: this one is not ended.
  const packages = progress.step("Debian packages", (step) => installPackages(createRun(), step));
  const engines = packages.then(() =>
    progress.step("container engines", () => startEngines(paths, plain)),
  );
  const cluster = engines.then(async () => {
    const environment = { DOCKER_HOST: await dockerHost(paths), KUBECONFIG: paths.kubeconfig };
    const context: SandboxContext = {
      paths,
      progress,
      run: createRun(environment, stop.signal),
      registry: addresses.registry,
      kubectl: join(paths.components, "kubectl"),
      built: (name) => builds[name],
    };
    const ownImages = buildImages(context, "images of the cluster", clusterImages);
    const images = buildImages(context, "images of the workloads", workloadImages);
    const node = settle(stop, ownImages, startCluster(context)).then(async () => {
      await applyAddons(context);
      // Only now may it read what it needs: the add-ons grant it that.
      await startComponent(paths, "storage-provisioner");
    });
    // Pulumi is the last to be built; the add-ons become ready in the meantime.
    await settle(stop, node, images, installTools(context));
  });
  await settle(stop, plugins, cluster, ...Object.values(builds));
}

/**
 * Brings the sandbox up, or back up after a crash or a reboot, and returns when the node is Ready
 * and its DNS answers. What is built or running already is left alone. Waits while another `up`
 * or `down` works on the same folder. Throws with one line when something is missing.
 */
export async function sandboxUp(paths: SandboxPaths = sandboxPaths()): Promise<void> {
  const progress = createProgress(terminalProgress(stepCount));
  const lock = await takeLock(paths.state, "up", (holder) =>
    progress.say(`waiting for another sandbox command: ${holder}`),
  );
  try {
    await bringUp(paths, progress);
  } finally {
    await lock.release();
  }
}
