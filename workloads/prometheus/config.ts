import { RunError } from "@pulumi/pulumi";
import { stringify } from "yaml";

/** TCP ports of the pods, all of them TLS. */
export const ports = {
  prometheus: 9090,
  alertmanager: 9093,
  /** What Alertmanagers tell each other. */
  cluster: 9094,
  stateMetrics: 8080,
  /** kube-state-metrics' metrics of itself, which nobody asks for. */
  stateMetricsSelf: 8081,
  nodeExporter: 9100,
  /** Health of the login beside Prometheus, plain HTTP, for the kubelet. */
  loginHealth: 9091,
} as const;

/** Port of every node's kubelet. */
export const KUBELET_PORT = 10_250;

/** Names that DNS names, Consul's rules and runbooks are made of. */
export const names = {
  namespace: "prometheus",
  /** Of nothing but the node-exporters, which see their nodes. */
  nodeNamespace: "node-metrics",
  /** Of Prometheus' pods; Consul knows them by it. */
  serviceAccount: "prometheus",
  prometheus: "prometheus",
  prometheusServers: "prometheus-servers",
  alertmanager: "alertmanager",
  alertmanagerServers: "alertmanager-servers",
  stateMetrics: "kube-state-metrics",
  nodeExporter: "node-exporter",
} as const;

/** Where the containers have their files. */
export const paths = {
  config: "/etc/monitoring/config",
  tls: "/etc/monitoring/tls",
  /** Secret parts of Alertmanager's receivers. */
  secrets: "/etc/monitoring/secrets",
  prometheus: "/prometheus",
  alertmanager: "/alertmanager",
  /** Shared by Prometheus and the login beside it: the token for Consul. */
  token: "/run/token/consul",
  /** Where programs look for the token of their ServiceAccount. */
  kubernetes: "/var/run/secrets/kubernetes.io/serviceaccount",
} as const;

/** Names in the certificate of a service of the room, with those by which its own pods ask it. */
export function dnsNames(service: string, namespace: string = names.namespace): string[] {
  const host = hostOf(service, namespace);
  return [host, `${host}.cluster.local`, "localhost"];
}

/** The name by which others verify the certificate of a service of the room. */
export function hostOf(service: string, namespace: string = names.namespace): string {
  return `${service}.${namespace}.svc`;
}

/** YAML without folded lines and references: an expression stays on its line, and is read there. */
export function yaml(of: object): string {
  return stringify(of, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Files of the pod's own certificate, as Prometheus' programs name them as clients. */
export const clientTls = {
  ca_file: `${paths.tls}/ca.crt`,
  cert_file: `${paths.tls}/tls.crt`,
  key_file: `${paths.tls}/tls.key`,
} as const;

/** The same as servers: nobody without a certificate of the authority gets an answer. */
export const serverTls = {
  cert_file: `${paths.tls}/tls.crt`,
  key_file: `${paths.tls}/tls.key`,
  client_ca_file: `${paths.tls}/ca.crt`,
  client_auth_type: "RequireAndVerifyClientCert",
} as const;

/**
 * web.yml: how any of the room's programs serves.
 * https://prometheus.io/docs/prometheus/latest/configuration/https/
 */
export function renderWeb(): string {
  return yaml({ tls_server_config: { ...serverTls, min_version: "TLS13" } });
}

/** client.yml: how promtool and amtool ask the server that they are beside. */
export function renderClient(): string {
  return yaml({ tls_config: { ...clientTls, server_name: "localhost" } });
}

/** A share of a volume that blocks may fill: the log of what is not yet in blocks is not counted. */
const BLOCKS_SHARE = 0.75;

/** GiB of blocks that fit on a volume of so many GiB. */
export function mostBlocksGiB(volumeGiB: number): number {
  return Math.floor(volumeGiB * BLOCKS_SHARE);
}

/**
 * Refuses to keep what cannot be kept.
 *
 * @param volumeGiB size of each Prometheus' volume
 * @throws RunError naming the value got and those allowed
 */
export function requireRetention(days: number, gib: number, volumeGiB: number) {
  if (!Number.isInteger(days) || days < 1) {
    throw new RunError(`prometheus cannot keep ${days} days; allowed: whole numbers, at least 1`);
  }
  const most = mostBlocksGiB(volumeGiB);
  if (!Number.isInteger(gib) || gib < 1 || gib > most) {
    throw new RunError(
      `prometheus cannot keep ${gib} GiB; allowed: whole numbers from 1 to ${most}, ` +
        `which fit on its volume of ${volumeGiB} GiB`,
    );
  }
}
