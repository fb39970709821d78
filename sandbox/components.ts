import { join } from "node:path";
import { addresses } from "./addresses.ts";
import { identityFiles, serviceAccountFiles } from "./certificates.ts";
import type { SandboxPaths } from "./paths.ts";
import { policyPlaces } from "./policy/places.ts";

/** What is in the one binary of Kubernetes, in the order in which they begin. */
export const kubernetesNames = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "storage-provisioner",
  "kube-proxy",
  "kubelet",
] as const;

/** What the node runs; `down` ends it from the last to the first. */
export const componentNames = [
  "containerd",
  "registry",
  "dockerd",
  "network-policy",
  ...kubernetesNames,
  "log-trimmer",
] as const;

/** Name of a process of the sandbox. */
export type ComponentName = (typeof componentNames)[number];

/** Command and arguments of a process. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** Local ports of the parts that only this machine asks for their health. */
export const healthPorts = {
  etcd: 2379,
  "kube-controller-manager": 10257,
  "kube-scheduler": 10259,
} as const;

/** Ports of the parts that others of them talk to: etcd's for members, kubelet's (its default). */
export const peerPorts = { etcd: 2380, kubelet: 10250 } as const;

/** Where an identity's kubeconfig is. */
export function kubeconfigFile(paths: SandboxPaths, identity: string): string {
  return join(paths.config, `${identity}.kubeconfig`);
}

/** containerd's socket. */
export function containerdSocket(paths: SandboxPaths): string {
  return join(paths.run, "containerd.sock");
}

/** The docker engine's socket. */
export function dockerSocket(paths: SandboxPaths): string {
  return join(paths.run, "docker.sock");
}

/** Keeps pods apart; its argument is the cache folder, by which it finds all the rest. */
function networkPolicy(paths: SandboxPaths): Command {
  const { node, program } = policyPlaces(paths);
  return { command: node, args: [program, paths.cache] };
}

function flags(values: Readonly<Record<string, string | number | boolean>>): readonly string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}

function etcd(paths: SandboxPaths): readonly string[] {
  const { authority, certificate, key } = identityFiles(paths.certificates, "etcd");
  const client = `https://127.0.0.1:${healthPorts.etcd}`;
  const peer = `https://127.0.0.1:${peerPorts.etcd}`;
  return flags({
    name: addresses.nodeName,
    "data-dir": join(paths.state, "etcd"),
    "listen-client-urls": client,
    "advertise-client-urls": client,
    "listen-peer-urls": peer,
    "initial-advertise-peer-urls": peer,
    "initial-cluster": `${addresses.nodeName}=${peer}`,
    "client-cert-auth": true,
    "trusted-ca-file": authority,
    "cert-file": certificate,
    "key-file": key,
    "peer-client-cert-auth": true,
    "peer-trusted-ca-file": authority,
    "peer-cert-file": certificate,
    "peer-key-file": key,
    // A cluster of one on a laptop's disk: its data does not outlive `down` in any case.
    "unsafe-no-fsync": true,
    "log-level": "warn",
  });
}

function apiserver(paths: SandboxPaths): readonly string[] {
  const identity = (name: string) => identityFiles(paths.certificates, name);
  const { key, pub } = serviceAccountFiles(paths.certificates);
  return flags({
    "advertise-address": addresses.node,
    "bind-address": addresses.node,
    "secure-port": addresses.apiPort,
    "allow-privileged": true,
    "anonymous-auth": false,
    "authorization-mode": "Node,RBAC",
    "enable-admission-plugins": "NodeRestriction",
    "service-cluster-ip-range": addresses.serviceCidr,
    "client-ca-file": identity("apiserver").authority,
    "tls-cert-file": identity("apiserver").certificate,
    "tls-private-key-file": identity("apiserver").key,
    "etcd-servers": `https://127.0.0.1:${healthPorts.etcd}`,
    "etcd-cafile": identity("etcd-client").authority,
    "etcd-certfile": identity("etcd-client").certificate,
    "etcd-keyfile": identity("etcd-client").key,
    "kubelet-certificate-authority": identity("kubelet").authority,
    "kubelet-client-certificate": identity("apiserver-kubelet-client").certificate,
    "kubelet-client-key": identity("apiserver-kubelet-client").key,
    // By address: the node's name is known to nobody outside of the cluster.
    "kubelet-preferred-address-types": "InternalIP",
    "service-account-issuer": `https://kubernetes.default.svc.${addresses.clusterDomain}`,
    "service-account-key-file": pub,
    "service-account-signing-key-file": key,
    "requestheader-client-ca-file": identity("front-proxy-client").authority,
    "requestheader-allowed-names": "front-proxy-client",
    "requestheader-extra-headers-prefix": "X-Remote-Extra-",
    "requestheader-group-headers": "X-Remote-Group",
    "requestheader-username-headers": "X-Remote-User",
    "proxy-client-cert-file": identity("front-proxy-client").certificate,
    "proxy-client-key-file": identity("front-proxy-client").key,
  });
}

/** What the controller manager and the scheduler have in common: who they are, whom they serve. */
function controller(paths: SandboxPaths, name: "controller-manager" | "scheduler") {
  const { authority, certificate, key } = identityFiles(paths.certificates, name);
  const kubeconfig = kubeconfigFile(paths, name);
  return {
    kubeconfig,
    "authentication-kubeconfig": kubeconfig,
    "authorization-kubeconfig": kubeconfig,
    "bind-address": "127.0.0.1",
    "client-ca-file": authority,
    "tls-cert-file": certificate,
    "tls-private-key-file": key,
    "leader-elect": false,
  };
}

function controllerManager(paths: SandboxPaths): readonly string[] {
  const authority = join(paths.certificates, "cluster-ca");
  return flags({
    ...controller(paths, "controller-manager"),
    "cluster-cidr": addresses.podCidr,
    "service-cluster-ip-range": addresses.serviceCidr,
    "allocate-node-cidrs": false,
    "cluster-signing-cert-file": `${authority}.crt`,
    "cluster-signing-key-file": `${authority}.key`,
    "root-ca-file": `${authority}.crt`,
    "service-account-private-key-file": serviceAccountFiles(paths.certificates).key,
    "use-service-account-credentials": true,
  });
}

function kubelet(paths: SandboxPaths): readonly string[] {
  return flags({
    config: join(paths.config, "kubelet.yaml"),
    kubeconfig: kubeconfigFile(paths, "kubelet"),
    "hostname-override": addresses.nodeName,
    "node-ip": addresses.node,
    "node-labels": `topology.kubernetes.io/zone=${addresses.zone}`,
    "root-dir": join(paths.state, "kubelet"),
  });
}

function dockerd(paths: SandboxPaths): readonly string[] {
  return flags({
    host: `unix://${dockerSocket(paths)}`,
    "data-root": paths.docker,
    "exec-root": join(paths.run, "docker"),
    pidfile: join(paths.run, "docker.pid"),
    "config-file": join(paths.config, "docker.json"),
    containerd: containerdSocket(paths),
    // Builds use the machine's own network; the packet filter is kube-proxy's alone.
    iptables: false,
    ip6tables: false,
    bridge: "none",
    "cgroup-parent": "/web-greetings/docker",
    "log-level": "warn",
  });
}

/** Logs grow without end otherwise: past 32 MiB the last MiB is kept, the rest is dropped. */
const trimmer = `while sleep 30; do
  find "$0" -name '*.log' -size +32M | while read -r log; do
    tail -c 1M "$log" > "$log.tail" && cat "$log.tail" > "$log"; rm -f "$log.tail"
  done
done`;

/** How each process is called. */
export function componentCommand(paths: SandboxPaths, name: ComponentName): Command {
  const kubernetes = (args: readonly string[]): Command => ({
    command: join(paths.components, name),
    args,
  });
  switch (name) {
    case "containerd":
      return { command: name, args: ["--config", join(paths.config, "containerd.toml")] };
    case "registry":
      return { command: "docker-registry", args: ["serve", join(paths.config, "registry.yaml")] };
    case "dockerd":
      return { command: name, args: dockerd(paths) };
    case "network-policy":
      return networkPolicy(paths);
    case "etcd":
      return kubernetes(etcd(paths));
    case "kube-apiserver":
      return kubernetes(apiserver(paths));
    case "kube-controller-manager":
      return kubernetes(controllerManager(paths));
    case "kube-scheduler":
      return kubernetes(flags(controller(paths, "scheduler")));
    case "storage-provisioner":
      return kubernetes(
        flags({
          kubeconfig: kubeconfigFile(paths, "storage-provisioner"),
          root: paths.volumes,
          node: addresses.nodeName,
        }),
      );
    case "kube-proxy":
      return kubernetes(flags({ config: join(paths.config, "kube-proxy.yaml") }));
    case "kubelet":
      return kubernetes(kubelet(paths));
    case "log-trimmer":
      return { command: "/bin/sh", args: ["-c", trimmer, paths.logs] };
  }
}
