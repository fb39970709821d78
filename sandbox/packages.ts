import { existsSync, rmSync, writeFileSync } from "node:fs";
import type { Step } from "./progress.ts";
import { CommandError, type Run } from "./run.ts";

/** Debian packages that the sandbox needs, and what for. */
const debianPackages = {
  containerd: "runs the containers",
  runc: "starts the containers",
  "containernetworking-plugins": "the pods' network",
  iptables: "the services' addresses",
  nftables: "keeps pods apart by their network policies",
  conntrack: "kube-proxy drops stale connections with it",
  iproute2: "makes the bridge",
  openssl: "makes the certificates",
  "docker.io": "builds the images",
  "docker-registry": "holds the images",
  mmdebstrap: "makes the images' base",
  maven: "fetches jars for the images",
  "postgresql-15": "what the tests try migrations on",
  "python3-pip": "installs the AWS CLI and moto for the tests",
} as const;

/** The packages of `wanted` that are not installed, out of dpkg-query's `<package> <status>` lines. */
export function missingPackages(wanted: readonly string[], statuses: string): readonly string[] {
  const installed = new Set(
    statuses.split("\n").flatMap((line) => {
      const [name = "", status] = line.split("\t");
      return status === "installed" ? [name] : [];
    }),
  );
  return wanted.filter((name) => !installed.has(name));
}

const policyFile = "/usr/sbin/policy-rc.d";

/** Keeps packages from starting services of their own while `work` installs them. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  // A machine that has a policy of its own keeps it.
  if (existsSync(policyFile)) return work();
  writeFileSync(policyFile, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await work();
  } finally {
    rmSync(policyFile, { force: true });
  }
}

/** Names the packages that this machine still lacks; all of them where there is no dpkg. */
export async function lackingPackages(run: Run): Promise<readonly string[]> {
  const names = Object.keys(debianPackages);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: these are dpkg-query's own placeholders
  const format = "-f=${Package}\\t${db:Status-Status}\\n";
  // It exits with 1 when it does not know one of the names; what it knows is printed all the same.
  const statuses = await run("sh", [
    "-c",
    'dpkg-query -W "$@" 2>/dev/null || true',
    "sh",
    format,
    ...names,
  ]);
  return missingPackages(names, statuses);
}

/** Installs with apt-get what is lacking; other packages stay as they are. */
export async function installPackages(run: Run, step: Step): Promise<void> {
  const lacking = await lackingPackages(run);
  if (lacking.length === 0) return;
  step.detail(`installing ${lacking.join(" ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args: string[]) =>
    run("apt-get", ["-o", "DPkg::Lock::Timeout=300", "-qq", ...args], { env });
  const install = () => apt("install", "-y", "--no-install-recommends", ...lacking);
  await withoutServices(async () => {
    try {
      await install();
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      // The machine's package lists may be missing or old.
      await apt("update");
      await install();
    }
  });
}
