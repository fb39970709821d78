import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** The sandbox's control group: everything that it runs is in it, the pods below it as well. */
export const rootGroup = "web-greetings";

/** A mounted hierarchy of control groups. */
export interface Hierarchy {
  readonly path: string;
  /** 2 where it is the one hierarchy of the whole machine, else 1. */
  readonly version: 1 | 2;
}

/** The hierarchies in the text of /proc/self/mounts. */
export function parseHierarchies(mounts: string): readonly Hierarchy[] {
  return mounts
    .split("\n")
    .map((line) => line.split(" "))
    .flatMap(([, path = "", type]): Hierarchy[] => {
      if (type === "cgroup") return [{ path, version: 1 }];
      return type === "cgroup2" ? [{ path, version: 2 }] : [];
    });
}

/**
 * The hierarchies that have controllers: those of version 1, or the one of version 2 where there is
 * no other. Beside version 1 it has none, though runc makes groups there as well.
 */
export function controlling(all: readonly Hierarchy[]): readonly Hierarchy[] {
  const first = all.filter((hierarchy) => hierarchy.version === 1);
  return first.length > 0 ? first : all;
}

/** The hierarchies of this machine. */
export function hierarchies(): readonly Hierarchy[] {
  return parseHierarchies(readFileSync("/proc/self/mounts", "utf8"));
}

/** A new group of version 1 has no processors and no memory nodes until it is given some. */
function inheritCpuset(parent: string, group: string): void {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    if (existsSync(join(parent, file))) {
      writeFileSync(join(group, file), readFileSync(join(parent, file), "utf8"));
    }
  }
}

/**
 * Makes the group for the sandbox's own processes (not pods) in each hierarchy and names the files
 * to write a process id to. Version 2 allows processes in leaves only, hence the group below.
 */
export function makeGroups(): readonly string[] {
  return controlling(hierarchies()).map(({ path, version }) => {
    const parent = join(path, rootGroup);
    const group = join(parent, "system");
    mkdirSync(group, { recursive: true });
    if (version === 1) {
      inheritCpuset(path, parent);
      inheritCpuset(parent, group);
    }
    return join(group, "cgroup.procs");
  });
}

function groupsBelow(group: string): readonly string[] {
  const children = readdirSync(group, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return [...children.flatMap((child) => groupsBelow(join(group, child.name))), group];
}

function sandboxGroups(): readonly string[] {
  return hierarchies()
    .map(({ path }) => join(path, rootGroup))
    .filter((group) => existsSync(group))
    .flatMap(groupsBelow);
}

/** Process ids of everything that runs in the sandbox's groups. */
export function groupMembers(): readonly number[] {
  const ids = sandboxGroups().flatMap((group) =>
    readFileSync(join(group, "cgroup.procs"), "utf8").trim().split("\n").filter(Boolean),
  );
  return [...new Set(ids)].map(Number);
}

/** Deletes the sandbox's groups; throws while a process is left in one. */
export function removeGroups(): void {
  for (const group of sandboxGroups()) rmdirSync(group);
}
