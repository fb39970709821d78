import { createSocket } from "node:dgram";
import { connect } from "node:net";

/** Where to connect to. */
export interface Target {
  readonly protocol: "TCP" | "UDP";
  readonly address: string;
  readonly port: number;
}

/**
 * `connected`: somebody answered; `arrived`: the packet did, but nobody listens; `refused`: it was
 * rejected or dropped on its way.
 */
export type Outcome = "connected" | "arrived" | "refused";

/** Milliseconds after which a packet counts as dropped. */
const TIMEOUT_MS = 1500;

/** A question for the address of the API server's service, as RFC 1035 has it. */
const question = Buffer.concat([
  Buffer.from("000101000001000000000000", "hex"),
  ...["kubernetes", "default", "svc", "cluster", "local", ""].map((label) =>
    Buffer.concat([Buffer.of(label.length), Buffer.from(label)]),
  ),
  Buffer.from("00010001", "hex"),
]);

/** What an error says about where the packet came to. */
function outcomeOf(code: string | undefined): Outcome {
  if (code === "ECONNREFUSED") return "arrived";
  if (["EACCES", "EHOSTUNREACH", "ENETUNREACH", "EPERM"].includes(code ?? "")) return "refused";
  throw new Error(`a connection ended with ${code}, which says nothing of a policy`);
}

/** Connects, or asks for a name over UDP. */
export function attempt({ protocol, address, port }: Target): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end("refused"), TIMEOUT_MS);
    const fail = ({ code }: NodeJS.ErrnoException) => {
      try {
        end(outcomeOf(code));
      } catch (error) {
        reject(error);
      }
    };
    let close: () => void;
    const end = (outcome: Outcome) => {
      clearTimeout(timer);
      close();
      resolve(outcome);
    };
    if (protocol === "TCP") {
      const socket = connect({ host: address, port });
      close = () => socket.destroy();
      socket.once("connect", () => end("connected")).on("error", fail);
      return;
    }
    const socket = createSocket("udp4");
    close = () => socket.close();
    socket.once("message", () => end("connected")).on("error", fail);
    socket.connect(port, address, () => socket.send(question));
  });
}

/** Tries all targets that standard input lists as JSON, from where this process is. */
async function main(): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const targets = JSON.parse(Buffer.concat(chunks).toString()) as readonly Target[];
  console.log(JSON.stringify(await Promise.all(targets.map(attempt))));
}

if (require.main === module) void main();
