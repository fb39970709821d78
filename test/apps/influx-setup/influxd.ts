import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Ask,
  askAt,
  type Login,
  Refusal,
  type Server,
} from "../../../apps/influx-setup/src/ask.ts";
import { paths, renderInfluxdbConf } from "../../../workloads/influxdb/config.ts";
import { until } from "../../until.ts";
import { freePort } from "../broker.ts";
import { makeCertificates } from "../certificates.ts";
import { findInfluxd } from "./program.ts";

/** A real InfluxDB on loopback, with the configuration that the pods have. */
export interface Influxd {
  readonly port: number;
  /** File of the authority that signed it. */
  readonly caFile: string;
  readonly ask: Ask;
  /** Writes points in the line protocol; the status. */
  write(points: string, login: Login): Promise<number>;
  /** @param wishes lines of the configuration that are otherwise, by how they are */
  start(wishes?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
  /** Stops it and deletes its data. */
  remove(): Promise<void>;
}

/** The pods' configuration, but in a folder and on loopback. */
function configuration(home: string, port: number, wishes: Readonly<Record<string, string>>) {
  const moved: Readonly<Record<string, string>> = {
    [`"${paths.tls}/tls.crt"`]: `"${home}/server.pem"`,
    [`"${paths.tls}/tls.key"`]: `"${home}/server.key"`,
    [paths.data]: `${home}/data`,
    '":8086"': `"127.0.0.1:${port}"`,
    '"127.0.0.1:8088"': '"127.0.0.1:0"',
    ...wishes,
  };
  return Object.entries(moved).reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`influxdb.conf has no ${from}`);
      return text.replaceAll(from, to);
    },
    renderInfluxdbConf({ cacheMiB: 64 }),
  );
}

/** Writes points; the status. */
function post(server: Server, points: string, { user, password }: Login): Promise<number> {
  const auth = `${user}:${password}`;
  const path = "/write?db=telegraf";
  return new Promise((resolve, reject) => {
    const options = { ...server, auth, path, method: "POST", agent: false };
    const sent = request(options, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    });
    sent.once("error", reject).end(points);
  });
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const server of running) server.kill("SIGKILL");
});

/** Starts one with a volume of its own. Rejects where there is none. */
export async function startInfluxd(): Promise<Influxd> {
  const found = await findInfluxd();
  if ("missing" in found) throw new Error(found.missing);
  const [program = "", ...args] = found.command;
  const home = mkdtempSync(join(tmpdir(), "influxd-"));
  const { caFile } = makeCertificates(home).server;
  const port = await freePort();
  const ca = readFileSync(caFile, "utf8");
  const ask = askAt({ host: "localhost", port, ca });
  let server: ChildProcess | undefined;
  const self: Influxd = {
    port,
    caFile,
    ask,
    write: (points, login) => post({ host: "localhost", port, ca }, points, login),
    start: async (wishes = {}) => {
      const file = join(home, "influxdb.conf");
      writeFileSync(file, configuration(home, port, wishes));
      const started = spawn(program, [...args, "-config", file], { stdio: "ignore" });
      server = started;
      running.add(started);
      await until("InfluxDB answers", 60, async () => {
        if (started.exitCode !== null) throw new Error(`it ended with ${started.exitCode}`);
        try {
          await ask("SHOW DATABASES");
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
        }
        return true;
      });
    },
    stop: async () => {
      const stopped = server;
      if (!stopped || stopped.exitCode !== null || stopped.signalCode !== null) return;
      const ended = new Promise((resolve) => stopped.once("exit", resolve));
      stopped.kill("SIGTERM");
      await ended;
      running.delete(stopped);
    },
    remove: async () => {
      await self.stop();
      rmSync(home, { recursive: true });
    },
  };
  await self.start();
  return self;
}
