import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { addresses } from "./addresses.ts";
import type { Run } from "./run.ts";

/** Who signs: three authorities, since each of them lets its holders do something else. */
export type Authority = "cluster" | "etcd" | "front-proxy";

/** One identity of the cluster: a key and a certificate `<name>.key`, `<name>.crt`. */
export interface Identity {
  readonly name: string;
  readonly authority: Authority;
  /** Common name: the user that Kubernetes sees. */
  readonly user: string;
  /** Organization: the group that Kubernetes sees. */
  readonly group?: string;
  /** Names and addresses that it serves under; without any it is a client's only. */
  readonly serves?: readonly string[];
}

const loopback = ["DNS:localhost", "IP:127.0.0.1"];

/** All identities of the cluster, in one table. */
export const identities: readonly Identity[] = [
  { name: "etcd", authority: "etcd", user: "etcd", serves: loopback },
  { name: "etcd-client", authority: "etcd", user: "kube-apiserver" },
  { name: "front-proxy-client", authority: "front-proxy", user: "front-proxy-client" },
  {
    name: "apiserver",
    authority: "cluster",
    user: "kube-apiserver",
    serves: [
      "DNS:kubernetes",
      "DNS:kubernetes.default",
      "DNS:kubernetes.default.svc",
      `DNS:kubernetes.default.svc.${addresses.clusterDomain}`,
      `IP:${addresses.apiService}`,
      `IP:${addresses.node}`,
    ],
  },
  {
    name: "apiserver-kubelet-client",
    authority: "cluster",
    user: "kube-apiserver-kubelet-client",
    group: "system:masters",
  },
  { name: "admin", authority: "cluster", user: "sandbox", group: "system:masters" },
  {
    name: "controller-manager",
    authority: "cluster",
    user: "system:kube-controller-manager",
    serves: loopback,
  },
  { name: "scheduler", authority: "cluster", user: "system:kube-scheduler", serves: loopback },
  { name: "kube-proxy", authority: "cluster", user: "system:kube-proxy" },
  { name: "storage-provisioner", authority: "cluster", user: "sandbox:storage-provisioner" },
  { name: "network-policy", authority: "cluster", user: "sandbox:network-policy" },
  {
    name: "metrics-server",
    authority: "cluster",
    user: "metrics-server",
    serves: ["DNS:metrics-server.kube-system.svc"],
  },
  {
    name: "kubelet",
    authority: "cluster",
    user: `system:node:${addresses.nodeName}`,
    group: "system:nodes",
    serves: [`DNS:${addresses.nodeName}`, `IP:${addresses.node}`],
  },
];

/** Authority, certificate and key of an identity, as PEM files. */
export interface IdentityFiles {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Where an identity's files lie below `folder`; throws on a name that is not in the table. */
export function identityFiles(folder: string, name: string): IdentityFiles {
  const identity = identities.find((candidate) => candidate.name === name);
  if (!identity) {
    const known = identities.map((candidate) => candidate.name).join(", ");
    throw new Error(`no identity "${name}": use one of ${known}`);
  }
  return {
    authority: join(folder, `${identity.authority}-ca.crt`),
    certificate: join(folder, `${name}.crt`),
    key: join(folder, `${name}.key`),
  };
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"];

/** Arguments of `openssl` that make an authority's key and its own certificate. */
function authorityArguments(folder: string, authority: Authority): readonly string[] {
  const file = join(folder, `${authority}-ca`);
  return [
    ...["req", "-x509", ...newKey, "-days", "3650", "-subj", `/CN=sandbox ${authority}`],
    ...["-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature"],
    ...["-keyout", `${file}.key`, "-out", `${file}.crt`],
  ];
}

/** Arguments of `openssl` that make an identity's key and have its certificate signed. */
function identityArguments(folder: string, identity: Identity): readonly string[] {
  const group = identity.group ? `/O=${identity.group}` : "";
  const usage = identity.serves ? "serverAuth,clientAuth" : "clientAuth";
  const names = identity.serves ? ["-addext", `subjectAltName=${identity.serves.join(",")}`] : [];
  const authority = join(folder, `${identity.authority}-ca`);
  return [
    ...["req", "-x509", ...newKey, "-days", "365", "-subj", `${group}/CN=${identity.user}`],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
    ...["-addext", "keyUsage=critical,digitalSignature"],
    ...["-addext", `extendedKeyUsage=${usage}`, ...names],
    ...["-CA", `${authority}.crt`, "-CAkey", `${authority}.key`],
    ...["-keyout", join(folder, `${identity.name}.key`)],
    ...["-out", join(folder, `${identity.name}.crt`)],
  ];
}

/** The key that service account tokens are signed with, and its public half. */
export function serviceAccountFiles(folder: string): {
  readonly key: string;
  readonly pub: string;
} {
  return { key: join(folder, "service-account.key"), pub: join(folder, "service-account.pub") };
}

/** Makes what has to stay the same for as long as the cluster lives. */
async function makeAuthorities(folder: string, run: Run): Promise<void> {
  const authorities: readonly Authority[] = ["cluster", "etcd", "front-proxy"];
  await Promise.all(
    authorities.map((authority) => run("openssl", authorityArguments(folder, authority))),
  );
  const { key, pub } = serviceAccountFiles(folder);
  await run("openssl", [
    "genpkey",
    "-algorithm",
    "RSA",
    "-pkeyopt",
    "rsa_keygen_bits:2048",
    "-out",
    key,
  ]);
  await run("openssl", ["pkey", "-in", key, "-pubout", "-out", pub]);
}

/**
 * Makes all keys and certificates in `folder` (mode 0700). To a finished set only the identities
 * are added that it has not got; a set that was broken off is made anew as a whole.
 */
export async function makeCertificates(folder: string, run: Run): Promise<void> {
  const finished = join(folder, "finished");
  if (!existsSync(finished)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await makeAuthorities(folder, run);
  }
  const lacking = identities.filter(
    ({ name }) => !existsSync(identityFiles(folder, name).certificate),
  );
  await Promise.all(lacking.map((identity) => run("openssl", identityArguments(folder, identity))));
  await run("touch", [finished]);
}

/** A PEM file as kubeconfigs embed it. */
export function embedded(file: string): string {
  return readFileSync(file).toString("base64");
}
