import { type ChildProcess, spawn } from "node:child_process";
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { buffer } from "node:stream/consumers";
import { freePort } from "../../apps/broker.ts";
import { until } from "../../until.ts";
import { type Question, whoAnswers } from "./answers.ts";

/** AWS as far as moto has it, and in front of it what answers for the rest. */
export interface Account {
  /** Where the CLI sends all that it asks. */
  readonly url: string;
  /** Requests that were answered so far, by whom. */
  readonly answered: { moto: number; us: number };
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";

/** moto's server, which ends with whoever holds its standard input. */
const PROGRAM = `
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from moto.server import main
main(["-H", "${HOST}", "-p", sys.argv[1]])
`;

/** Passes a request on to moto as it came: the service that it is for is in its signature alone. */
function passOn(port: number, body: Buffer, from: IncomingMessage, to: ServerResponse): void {
  const { method, url: path, headers } = from;
  const onward = request({ host: HOST, port, method, path, headers }, (answer) => {
    to.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(to);
  });
  onward.on("error", (error) => to.writeHead(502).end(error.message));
  onward.end(body);
}

function startFront(moto: number, answered: Account["answered"]): Server {
  return createServer(async (from, to) => {
    const body = await buffer(from);
    const question: Question = {
      method: from.method ?? "",
      url: new URL(from.url ?? "/", `http://${HOST}`),
      target: String(from.headers["x-amz-target"] ?? ""),
      body: body.toString(),
    };
    const own = whoAnswers(question);
    answered[own ? "us" : "moto"] += 1;
    if (own)
      to.setHeader("content-type", "application/json").end(JSON.stringify(own.answer(question)));
    else passOn(moto, body, from, to);
  });
}

/** Whether somebody listens; moto says 404 of what it does not know. */
function listens(port: number): Promise<boolean> {
  return fetch(`http://${HOST}:${port}/moto-api/data.json`).then(
    () => true,
    () => false,
  );
}

/**
 * Starts moto and what stands in front of it, on loopback alone; an empty account 123456789012.
 *
 * @param environment with the folder of the tools in PATH and PYTHONPATH
 */
export async function startAccount(environment: NodeJS.ProcessEnv): Promise<Account> {
  const port = await freePort();
  const moto: ChildProcess = spawn("python3", ["-c", PROGRAM, `${port}`], {
    // A validated certificate is issued as soon as somebody has looked, not after a minute.
    env: { ...environment, MOTO_ACM_VALIDATION_WAIT: "0" },
    stdio: ["pipe", "ignore", "ignore"],
  });
  const answered = { moto: 0, us: 0 };
  const front = startFront(port, answered);
  const stop = async () => {
    front.closeAllConnections();
    front.close();
    if (moto.exitCode !== null || moto.signalCode !== null) return;
    const ended = new Promise((resolve) => moto.once("exit", resolve));
    moto.kill("SIGKILL");
    await ended;
  };
  try {
    await until("moto listens", 180, () => listens(port));
    await new Promise<void>((resolve) => front.listen(0, HOST, resolve));
  } catch (error) {
    await stop();
    throw error;
  }
  const address = front.address();
  const own = typeof address === "object" && address ? address.port : 0;
  return { url: `http://${HOST}:${own}`, answered, stop };
}
