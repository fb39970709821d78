import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LEAVING_FILE } from "../../../../workloads/console/config.ts";
import { type Passed, renderNginx } from "../../../../workloads/console/nginx.ts";
import { freePort } from "../../../apps/broker.ts";
import { makeCertificates, type TrialTls } from "../../../apps/certificates.ts";
import { until } from "../../../until.ts";
import { findNginx } from "../edge/program.ts";

/** Seconds here after which an interface counts as silent. */
const ANSWER = 1;

/** The console's container as a process of loopback. */
export interface TrialConsole {
  readonly port: number;
  /** Certificates for servers that it leads to, and by its own authority. */
  readonly server: TrialTls;
  /** Does what a pod does first when it is to go; takes it back by what it returns. */
  leave(): () => void;
  /** Lines of the access log so far, read as JSON. */
  accessLog(): Record<string, unknown>[];
  remove(): Promise<void>;
}

/** Where a container's files are on this machine, and at which ports it listens here. */
function here(text: string, folder: string, ports: readonly [number, number]): string {
  return text
    .replaceAll(/\/etc\/console\/tls|\/tmp(?=\/)/g, (at) =>
      join(folder, at === "/tmp" ? "tmp" : "tls"),
    )
    .replaceAll("listen 9443", `listen 127.0.0.1:${ports[0]}`)
    .replace("listen 9090", `listen 127.0.0.1:${ports[1]}`)
    .replace("proxy_read_timeout 55s", `proxy_read_timeout ${ANSWER}s`);
}

/**
 * Starts the console's nginx on a port of its own, and waits until it answers.
 *
 * @param interfacesOf what it leads to, once there are certificates for it
 */
export async function startConsole(
  interfacesOf: (server: TrialTls) => Promise<readonly Passed[]>,
): Promise<TrialConsole> {
  const folder = mkdtempSync(join(tmpdir(), "console-"));
  // Started by root, nginx works as somebody else, who must find the file of a pod that leaves.
  chmodSync(folder, 0o711);
  for (const name of ["tls", "tmp"]) mkdirSync(join(folder, name));
  const { server, client } = makeCertificates(join(folder, "tls"));
  const files = { "ca.crt": client.caFile, "tls.crt": client.certFile, "tls.key": client.keyFile };
  for (const [name, file] of Object.entries(files)) {
    writeFileSync(join(folder, "tls", name), readFileSync(file));
  }
  const ports: [number, number] = [await freePort(), await freePort()];
  const config = join(folder, "nginx.conf");
  writeFileSync(config, here(renderNginx(await interfacesOf(server)), folder, ports));
  const found = await findNginx();
  if ("missing" in found) throw new Error(found.missing);
  const child: ChildProcess = spawn("nginx", ["-e", "stderr", "-c", config], {
    env: { ...process.env, PATH: found.path },
    stdio: ["ignore", openSync(join(folder, "stdout"), "a"), openSync(join(folder, "stderr"), "a")],
  });
  await until("nginx answers", 10, async () => {
    return (await fetch(`http://127.0.0.1:${ports[1]}/livez`)).status === 200;
  });
  return {
    port: ports[0],
    server,
    leave: () => {
      const file = here(LEAVING_FILE, folder, ports);
      writeFileSync(file, "");
      return () => rmSync(file);
    },
    accessLog: () =>
      readFileSync(join(folder, "stdout"), "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    remove: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
