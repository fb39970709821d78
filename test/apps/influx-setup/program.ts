import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { images } from "../../../infra/versions.ts";
import { addresses } from "../../../sandbox/addresses.ts";
import { dockerHost } from "../../../sandbox/docker.ts";
import { mirrorReference } from "../../../sandbox/images/registry.ts";
import { sandboxPaths } from "../../../sandbox/paths.ts";

/** How to start influxd, or why there is none. */
export type Program = { readonly command: readonly string[] } | { readonly missing: string };

let found: Promise<Program> | undefined;

/**
 * Finds an influxd: the one on the PATH, else the one of the sandbox's image, taken out of it for
 * as long as this process lives.
 */
export function findInfluxd(): Promise<Program> {
  found ??= look();
  return found;
}

async function look(): Promise<Program> {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
  } catch {
    return { missing: "needs openssl on the PATH" };
  }
  const folders = (process.env.PATH ?? "").split(delimiter);
  const own = folders.map((folder) => join(folder, "influxd")).find((file) => existsSync(file));
  const command = own === undefined ? await takeOut() : [own];
  return command && spawnSync(command[0] ?? "", [...command.slice(1), "version"]).status === 0
    ? { command }
    : { missing: "needs influxd on the PATH, or the sandbox's; run make sandbox-up" };
}

/** The image's influxd, which runs with the libraries of its own image. */
async function takeOut(): Promise<readonly string[] | undefined> {
  const DOCKER_HOST = await dockerHost(sandboxPaths());
  const env = { ...process.env, DOCKER_HOST };
  const docker = (...args: string[]) => spawnSync("docker", args, { env, encoding: "utf8" });
  const image = mirrorReference(addresses.registry, images.influxdb);
  const { status, stdout } = docker("create", image);
  if (status !== 0) return undefined;
  const container = stdout.trim();
  const folder = mkdtempSync(join(tmpdir(), "influxd-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const libraries = "usr/lib/x86_64-linux-gnu";
  const files = `usr/lib64 ${libraries} usr/bin/influxd`;
  spawnSync("sh", ["-c", `docker export ${container} | tar -x -C ${folder} ${files}`], { env });
  docker("rm", container);
  const loader = join(folder, "usr/lib64/ld-linux-x86-64.so.2");
  const paths = ["--library-path", join(folder, libraries)];
  return [loader, ...paths, join(folder, "usr/bin/influxd")];
}
