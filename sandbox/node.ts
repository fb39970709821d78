import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { addresses } from "./addresses.ts";
import { askNode, getAs, getFromApi } from "./api.ts";
import { embedded, identityFiles } from "./certificates.ts";
import { makeGroups } from "./cgroups.ts";
import {
  type ComponentName,
  componentCommand,
  containerdSocket,
  healthPorts,
  kubeconfigFile,
  kubernetesNames,
} from "./components.ts";
import {
  mirroredRegistries,
  renderContainerd,
  renderHosts,
  renderKubeconfig,
  renderKubelet,
  renderNetwork,
  renderProxy,
  renderRegistry,
} from "./configuration.ts";
import { systemImages } from "./images/table.ts";
import type { SandboxPaths } from "./paths.ts";
import { askHealth } from "./policy/health.ts";
import { policyPlaces } from "./policy/places.ts";
import { assertRunning, currentBoot, ensureRunning } from "./processes.ts";
import { removeContainerTraces } from "./trace.ts";
import { waitFor } from "./wait.ts";

/** Configuration files that processes are started anew for when they change. */
const configurationOf: Partial<Readonly<Record<ComponentName, string>>> = {
  containerd: "containerd.toml",
  registry: "registry.yaml",
  "kube-proxy": "kube-proxy.yaml",
  kubelet: "kubelet.yaml",
};

function write(file: string, text: string): void {
  // kube-proxy ends when its file is touched.
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text, { mode: 0o600 });
}

/** Writes what containerd, the registry and the docker engine read. Needs no certificates. */
export function writeEngineConfiguration(paths: SandboxPaths): void {
  const networks = join(paths.config, "networks");
  const registries = join(paths.config, "registries");
  write(
    join(paths.config, "containerd.toml"),
    renderContainerd({
      root: join(paths.state, "containerd"),
      state: join(paths.run, "containerd"),
      socket: containerdSocket(paths),
      networks,
      plugins: policyPlaces(paths).plugins,
      registries,
      pauseImage: systemImages.pause,
    }),
  );
  write(
    join(networks, "sandbox.conflist"),
    renderNetwork(join(paths.run, "addresses"), policyPlaces(paths).socket),
  );
  for (const registry of [...mirroredRegistries, addresses.registry]) {
    write(join(registries, registry, "hosts.toml"), renderHosts());
  }
  write(join(paths.config, "registry.yaml"), renderRegistry(paths.registry));
  write(join(paths.config, "docker.json"), "{}\n");
}

function writeKubeconfig(paths: SandboxPaths, identity: string, file: string, name: string): void {
  const { authority, certificate, key } = identityFiles(paths.certificates, identity);
  const args = { authority: embedded(authority), certificate: embedded(certificate) };
  write(file, renderKubeconfig({ name, ...args, key: embedded(key) }));
}

/** Writes what Kubernetes' components read, and the administrator's kubeconfig. */
export function writeClusterConfiguration(paths: SandboxPaths): void {
  for (const identity of [
    "controller-manager",
    "scheduler",
    "kube-proxy",
    "kubelet",
    "storage-provisioner",
  ]) {
    writeKubeconfig(paths, identity, kubeconfigFile(paths, identity), identity);
  }
  writeKubeconfig(paths, "admin", paths.kubeconfig, "sandbox");
  write(
    join(paths.config, "kubelet.yaml"),
    renderKubelet({
      ...identityFiles(paths.certificates, "kubelet"),
      socket: containerdSocket(paths),
      podLogs: join(paths.logs, "pods"),
      plugins: join(paths.state, "kubelet-plugins"),
    }),
  );
  write(join(paths.config, "kube-proxy.yaml"), renderProxy(kubeconfigFile(paths, "kube-proxy")));
  mkdirSync(paths.volumes, { recursive: true, mode: 0o711 });
}

/** Links each component's name to the one binary of them all. */
export function linkComponents(paths: SandboxPaths, build: string): void {
  mkdirSync(paths.components, { recursive: true });
  for (const name of [...kubernetesNames, "kubectl"]) {
    const link = join(paths.components, name);
    rmSync(link, { force: true });
    symlinkSync(join(build, "kubernetes"), link);
  }
}

/** Starts one process, if it does not run with its present configuration already. */
export async function startComponent(
  paths: SandboxPaths,
  name: ComponentName,
  inputs: readonly string[] = [],
): Promise<void> {
  const file = configurationOf[name];
  const configuration = file ? [readFileSync(join(paths.config, file), "utf8")] : [];
  await ensureRunning(paths, {
    name,
    ...componentCommand(paths, name),
    inputs: [...inputs, ...configuration],
    groups: makeGroups(),
  });
}

/** Waits until `check` does not fail; stops waiting when the process ends. */
export async function waitReady(
  paths: SandboxPaths,
  name: ComponentName,
  check: () => Promise<unknown>,
): Promise<void> {
  let ended: unknown;
  await waitFor(`${name} is ready`, 60, async () => {
    try {
      assertRunning(paths, name);
    } catch (error) {
      ended = error;
      return undefined;
    }
    await check();
    return undefined;
  });
  if (ended) throw ended;
}

/** Fails unless somebody listens on a socket (path) or on a port of loopback. */
export function connects(where: string | number): Promise<void> {
  return new Promise((resolve, reject) => {
    const options =
      typeof where === "string" ? { path: where } : { host: "127.0.0.1", port: where };
    const socket = connect(options);
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", reject);
  });
}

/** What containerd keeps about running containers is wrong after a reboot: they are gone. */
function forgetLastBoot(paths: SandboxPaths): void {
  const file = join(paths.run, "boot");
  if (existsSync(file) && readFileSync(file, "utf8") !== currentBoot()) {
    removeContainerTraces(paths);
    for (const name of ["containerd", "docker", "addresses", "policy"]) {
      rmSync(join(paths.run, name), { recursive: true, force: true });
    }
  }
  write(file, currentBoot());
}

/** Starts containerd and waits for it. */
export async function startContainerd(paths: SandboxPaths): Promise<void> {
  forgetLastBoot(paths);
  await startComponent(paths, "containerd");
  await waitReady(paths, "containerd", () => connects(containerdSocket(paths)));
}

/** Starts what keeps pods apart, and waits until its rules stand. */
async function startNetworkPolicy(paths: SandboxPaths): Promise<void> {
  const program = readFileSync(policyPlaces(paths).program, "utf8");
  await startComponent(paths, "network-policy", [program, process.version]);
  await waitReady(paths, "network-policy", () => askHealth(paths));
}

/**
 * Starts the control plane and the node, each as soon as what it needs is there; waits for Ready.
 *
 * @param grantPolicyRights lets what keeps pods apart read what it needs; called when the API server
 * answers, and before there is a kubelet, which starts pods at once
 */
export async function startKubernetes(
  paths: SandboxPaths,
  build: string,
  grantPolicyRights: () => Promise<void>,
): Promise<void> {
  const identity = (name: string) => identityFiles(paths.certificates, name);
  const start = (name: ComponentName) => startComponent(paths, name, [build]);
  await start("etcd");
  await waitReady(paths, "etcd", () =>
    getAs(identity("etcd"), `https://127.0.0.1:${healthPorts.etcd}/health`),
  );
  await start("kube-apiserver");
  await waitReady(paths, "kube-apiserver", () => getFromApi(paths, "/readyz"));
  const controllers = ["kube-controller-manager", "kube-scheduler"] as const;
  await Promise.all([...controllers, "kube-proxy" as const].map(start));
  await grantPolicyRights();
  await startNetworkPolicy(paths);
  await start("kubelet");
  await Promise.all(
    controllers.map((name) =>
      waitReady(paths, name, () =>
        getAs(identity("admin"), `https://127.0.0.1:${healthPorts[name]}/healthz`),
      ),
    ),
  );
  await waitReady(paths, "kubelet", async () => {
    const { notReady } = await askNode(paths);
    if (notReady !== undefined) throw new Error(notReady);
  });
}

/** Starts the registry and waits until it answers. */
export async function startRegistry(paths: SandboxPaths): Promise<void> {
  await startComponent(paths, "registry");
  await waitReady(paths, "registry", async () => {
    const answer = await fetch(`http://${addresses.registry}/v2/`);
    if (!answer.ok) throw new Error(`it answers ${answer.status}`);
  });
}
