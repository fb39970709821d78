import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, ask, type Request } from "./ask.ts";
import { runPlugin } from "./cni.ts";

/** Seconds until an answer: longer than the process itself waits for the rules of a pod. */
const patience = 15;
/** Seconds in which the process may begin to listen. */
const absence = 10;

async function askPatiently(socket: string, request: Request): Promise<Answer> {
  const end = performance.now() + absence * 1000;
  for (;;) {
    try {
      return await ask(socket, request, patience);
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(100);
    }
  }
}

const call = { environment: process.env, input: readFileSync(0, "utf8") };
const tools = {
  ask: (socket: string, request: Request) => ask(socket, request, patience),
  askPatiently,
};
runPlugin(call, tools).then(({ output, code }) => {
  process.stdout.write(output);
  process.exitCode = code;
});
