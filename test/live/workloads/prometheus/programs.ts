import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type ImageName, images } from "../../../../infra/versions.ts";
import { addresses } from "../../../../sandbox/addresses.ts";
import { dockerHost } from "../../../../sandbox/docker.ts";
import { mirrorReference } from "../../../../sandbox/images/registry.ts";
import { sandboxPaths } from "../../../../sandbox/paths.ts";

/** Programs of an image, and what else they may be called on a PATH. */
const programs = {
  prometheus: { prometheus: "prometheus", promtool: "promtool" },
  alertmanager: { alertmanager: "prometheus-alertmanager", amtool: "amtool" },
  nodeExporter: { node_exporter: "prometheus-node-exporter" },
} as const satisfies Partial<Record<ImageName, Readonly<Record<string, string>>>>;

/** A root folder with nothing but the programs of an image and what they need. */
export interface ProgramRoot {
  readonly root: string;
  /** What starts one of them as it is, in no other root. */
  command(name: string): readonly string[];
  /** Runs one of them as it is, in no other root, to its end: all that it said, and its code. */
  run(
    name: string,
    args: readonly string[],
  ): { readonly code: number | null; readonly text: string };
}

/** Templates without which Alertmanager does not start. */
const SHARE = "share/prometheus";

/**
 * Makes a root folder with the programs of an image at their places: those on the PATH, else those of
 * the sandbox's image. It is there for as long as this process lives.
 *
 * @param wanted names of those that are needed; all of them by default
 * @returns the folder, or why there is none
 */
export async function makeRoot(
  image: keyof typeof programs,
  wanted: readonly string[] = Object.keys(programs[image]),
): Promise<ProgramRoot | { readonly missing: string }> {
  const root = mkdtempSync(join(tmpdir(), `${image}-`));
  process.once("exit", () => rmSync(root, { recursive: true, force: true }));
  chmodSync(root, 0o755);
  const onPath = new Map<string, string>();
  for (const [name, other] of Object.entries(programs[image])) {
    const file = wanted.includes(name) ? (which(name) ?? which(other)) : undefined;
    if (file !== undefined) onPath.set(name, file);
  }
  if (onPath.size < wanted.length) return takeOut(image, root, wanted);
  for (const [name, file] of onPath) copyProgram(file, root, name);
  makeFolders(root);
  return rootOf(root, (name) => [onPath.get(name) ?? name]);
}

function rootOf(root: string, command: ProgramRoot["command"]): ProgramRoot {
  return { root, command, run: (name, args) => run([...command(name), ...args]) };
}

function makeFolders(root: string): void {
  for (const folder of ["etc", "tmp"]) mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, "tmp"), 0o1777);
  writeFileSync(join(root, "etc/hosts"), "127.0.0.1 localhost\n");
}

function which(name: string): string | undefined {
  const { status, stdout } = spawnSync("which", [name], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

function run([file = "", ...args]: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: "utf8" });
  return { code: status, text: `${stdout}${stderr}` };
}

/** A program with its libraries, and its shared files where it has some. */
function copyProgram(file: string, root: string, name: string): void {
  mkdirSync(join(root, "bin"), { recursive: true });
  copyFileSync(file, join(root, "bin", name));
  const { stdout } = spawnSync("ldd", [file], { encoding: "utf8" });
  for (const [library] of stdout.matchAll(/\/[^\s()]+/g)) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
  const share = join(dirname(file), "..", SHARE);
  if (existsSync(share)) cpSync(share, join(root, "usr", SHARE), { recursive: true });
}

/** The same out of the sandbox's image, whose programs run with the libraries of their own image. */
async function takeOut(image: keyof typeof programs, root: string, names: readonly string[]) {
  const DOCKER_HOST = await dockerHost(sandboxPaths());
  const env = { ...process.env, DOCKER_HOST };
  const docker = (...args: string[]) => spawnSync("docker", args, { env, encoding: "utf8" });
  const { status, stdout } = docker("create", mirrorReference(addresses.registry, images[image]));
  if (status !== 0) {
    const missing = `needs ${names.join(" and ")} on the PATH, or the sandbox's`;
    return { missing: `${missing}; run make sandbox-up` };
  }
  const container = stdout.trim();
  const libraries = "usr/lib/x86_64-linux-gnu";
  const files = ["bin", "lib", "lib64", "usr/lib64", libraries, `usr/${SHARE}`];
  const taken = [...files, ...names.map((name) => `usr/bin/${name}`)].join(" ");
  // Not every image has all of that: what is there is taken.
  spawnSync("sh", ["-c", `docker export ${container} | tar -x -C ${root} ${taken}`], { env });
  docker("rm", container);
  makeFolders(root);
  const loader = [join(root, "usr/lib64/ld-linux-x86-64.so.2"), "--library-path"];
  const start = [...loader, join(root, libraries)];
  return rootOf(root, (name) => [...start, join(root, "usr/bin", name)]);
}
