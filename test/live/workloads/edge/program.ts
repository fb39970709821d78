import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { images } from "../../../../infra/versions.ts";
import { addresses } from "../../../../sandbox/addresses.ts";
import { dockerHost } from "../../../../sandbox/docker.ts";
import { mirrorReference } from "../../../../sandbox/images/registry.ts";
import { sandboxPaths } from "../../../../sandbox/paths.ts";

/** What not every nginx has that the edge uses: `keepalive_min_timeout` came with 1.27.4. */
const SELDOM = `events {}
http {
  keepalive_min_timeout 1s;
  server { location / { stub_status; } }
}
`;

/** A PATH whose first nginx can be the edge's, or why there is none. */
export type NginxPath = { readonly path: string } | { readonly missing: string };

let found: Promise<NginxPath> | undefined;

/**
 * Finds an nginx for the edge's configuration: the one on the PATH, else the one of the sandbox's
 * image, taken out of it for as long as this process lives.
 */
export function findNginx(): Promise<NginxPath> {
  found ??= (async () => {
    const own = process.env.PATH ?? "";
    if (knowsAll(own)) return { path: own };
    const folder = await takeOut();
    if (folder === undefined) {
      return { missing: "needs nginx 1.27.4 on the PATH, or the sandbox's; run make sandbox-up" };
    }
    return { path: `${folder}${delimiter}${own}` };
  })();
  return found;
}

function knowsAll(path: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), "nginx-"));
  try {
    const file = join(folder, "nginx.conf");
    writeFileSync(file, SELDOM);
    const args = ["-t", "-e", "stderr", "-c", file, "-g", `pid ${folder}/pid;`];
    const { error, stderr } = spawnSync("nginx", args, { env: { PATH: path }, encoding: "utf8" });
    // It may well lack the folders that it would have in its image.
    return !error && /nginx: /.test(stderr) && !/unknown directive/.test(stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Folder with the image's nginx, which runs with the libraries of its own image. */
async function takeOut(): Promise<string | undefined> {
  const DOCKER_HOST = await dockerHost(sandboxPaths());
  const environment = { ...process.env, DOCKER_HOST };
  const docker = (...args: string[]) =>
    spawnSync("docker", args, { env: environment, encoding: "utf8" });
  const image = mirrorReference(addresses.registry, images.nginx);
  const { status, stdout } = docker("create", image);
  if (status !== 0) return undefined;
  const container = stdout.trim();
  const folder = mkdtempSync(join(tmpdir(), "nginx-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const files = join(folder, "files");
  mkdirSync(files);
  const unpack = `docker export ${container} | tar --extract --directory=${files}`;
  execFileSync("sh", ["-c", `${unpack} usr/lib usr/lib64 usr/sbin/nginx`], { env: environment });
  docker("rm", container);
  const loader = join(files, "usr/lib64/ld-linux-x86-64.so.2");
  const libraries = join(files, "usr/lib/x86_64-linux-gnu");
  const run = `exec ${loader} --library-path ${libraries} ${files}/usr/sbin/nginx "$@"`;
  writeFileSync(join(folder, "nginx"), `#!/bin/sh\n${run}\n`, { mode: 0o755 });
  return existsSync(loader) && knowsAll(`${folder}${delimiter}${process.env.PATH}`)
    ? folder
    : undefined;
}
