import { stringify } from "yaml";
import { addresses, apiServer } from "./addresses.ts";
import { rootGroup } from "./cgroups.ts";
import { pluginName } from "./policy/places.ts";

/** How one client reaches the API server. */
export interface KubeconfigArgs {
  /** Name of user, cluster and context. */
  readonly name: string;
  /** The authority of the server's certificate; PEM in base64. */
  readonly authority: string;
  /** The client's certificate; PEM in base64. */
  readonly certificate: string;
  /** Its key; PEM in base64. */
  readonly key: string;
}

/** A kubeconfig that needs no other file. */
export function renderKubeconfig({ name, authority, certificate, key }: KubeconfigArgs): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: apiServer, "certificate-authority-data": authority } }],
    users: [{ name, user: { "client-certificate-data": certificate, "client-key-data": key } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}

/** Where containerd keeps things; absolute paths. */
export interface ContainerdArgs {
  readonly root: string;
  readonly state: string;
  readonly socket: string;
  /** Folder with the CNI network. */
  readonly networks: string;
  /** Folder with the CNI plugins. */
  readonly plugins: string;
  /** Folder with one `<registry>/hosts.toml` for each registry. */
  readonly registries: string;
  readonly pauseImage: string;
}

/** containerd's config.toml, version 2. */
export function renderContainerd(args: ContainerdArgs): string {
  const text = JSON.stringify;
  return `version = 2
root = ${text(args.root)}
state = ${text(args.state)}

[grpc]
address = ${text(args.socket)}

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = ${text(args.pauseImage)}
# Machines that are containers themselves often may not lower the score of a process.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = ${text(args.plugins)}
conf_dir = ${text(args.networks)}

[plugins."io.containerd.grpc.v1.cri".registry]
config_path = ${text(args.registries)}
`;
}

/** Registries whose images the local one stands in for. */
export const mirroredRegistries = ["docker.io", "quay.io", "registry.k8s.io", "ghcr.io"] as const;

/** The hosts.toml of any registry: everything comes from the local one, nothing from outside. */
export function renderHosts(): string {
  const local = `http://${addresses.registry}`;
  return `server = "${local}"

[host."${local}"]
capabilities = ["pull", "resolve"]
`;
}

/**
 * The pods' network: a bridge, addresses out of the pods' range, a route to everywhere, and no pod
 * before the rules of its network policies stand.
 *
 * @param leases folder of the addresses that are taken
 * @param policySocket where the process that keeps the rules answers
 */
export function renderNetwork(leases: string, policySocket: string): string {
  return JSON.stringify({
    cniVersion: "1.0.0",
    name: addresses.podNetwork,
    plugins: [
      {
        type: "bridge",
        bridge: addresses.podBridge,
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: leases,
          ranges: [[{ subnet: addresses.podCidr }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      // Lets the pods' packets through where the machine forwards nothing by itself.
      { type: "firewall", backend: "iptables" },
      { type: pluginName, socket: policySocket },
    ],
  });
}

/** Files and folders of the kubelet; absolute paths. */
export interface KubeletArgs {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly socket: string;
  readonly podLogs: string;
  readonly plugins: string;
}

/** The KubeletConfiguration. */
export function renderKubelet(args: KubeletArgs): string {
  return stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: addresses.node,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: args.authority },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: args.certificate,
    tlsPrivateKeyFile: args.key,
    healthzBindAddress: "127.0.0.1",
    readOnlyPort: 0,
    containerRuntimeEndpoint: `unix://${args.socket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${rootGroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [addresses.dns],
    clusterDomain: addresses.clusterDomain,
    // Pods see the cluster only: no name server of this machine's surroundings.
    resolvConf: "",
    podLogsDir: args.podLogs,
    volumePluginDir: args.plugins,
    // The images came out of a long build: they are worth more than the disk they take.
    imageGCHighThresholdPercent: 100,
    evictionHard: { "memory.available": "200Mi", "nodefs.available": "2%" },
    serializeImagePulls: false,
    containerLogMaxSize: "20Mi",
    containerLogMaxFiles: 2,
  });
}

/** The KubeProxyConfiguration; it leaves the machine's connection tracking as it is. */
export function renderProxy(kubeconfig: string): string {
  return stringify({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clientConnection: { kubeconfig },
    clusterCIDR: addresses.podCidr,
    mode: "iptables",
    bindAddress: addresses.node,
    healthzBindAddress: "127.0.0.1:10256",
    metricsBindAddress: "127.0.0.1:10249",
    hostnameOverride: addresses.nodeName,
    iptables: { localhostNodePorts: false, syncPeriod: "30s", minSyncPeriod: "100ms" },
    conntrack: {
      maxPerCore: 0,
      min: 0,
      tcpEstablishedTimeout: "0s",
      tcpCloseWaitTimeout: "0s",
    },
  });
}

/** The registry's config.yml. */
export function renderRegistry(storage: string): string {
  return stringify({
    version: 0.1,
    log: { level: "warn", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: addresses.registry.replace("localhost", "127.0.0.1") },
  });
}
