import { addresses } from "../../../sandbox/addresses.ts";

/** Port on which a pod is told what to try; only the node uses it, which policies never keep out. */
export const controlPort = 9000;
/** Ports that every pod listens on, by TCP and UDP. */
export const serverPorts = [80, 5978, 6379, 8080, 8081, 32000, 32768, 32769] as const;
/** The same for the pod on the node's own network, at the node's address. */
export const hostPorts = { control: 29000, server: 29001 } as const;

/** What came of a connection; "refused": it got through, but nobody listens there. */
export type Outcome = "open" | "closed" | "refused";

/** Arguments of \`node\`: a program that answers on all ports, and connects where it is told to. */
export function agentArguments(
  address: string,
  control: number,
  servers: readonly number[],
): readonly string[] {
  return ["-e", program, address, `${control}`, ...servers.map(String)];
}

const program = `
const [address, control, ...servers] = process.argv.slice(1);
const net = require("node:net");
const dgram = require("node:dgram");
for (const port of servers.map(Number)) {
  net.createServer((socket) => socket.on("error", () => {}).end("x")).listen(port, address);
  const socket = dgram.createSocket("udp4");
  socket.on("message", (text, from) => socket.send(text, from.port, from.address));
  socket.bind(port, address);
}
const tcp = (host, port, patience) => new Promise((done) => {
  const socket = net.connect({ host, port });
  const end = (result) => { clearTimeout(timer); socket.destroy(); done(result); };
  const timer = setTimeout(() => end("ETIMEDOUT"), patience);
  socket.on("connect", () => end("open")).on("error", ({ code }) => end(code));
});
const udp = (host, port, patience) => new Promise((done) => {
  const socket = dgram.createSocket("udp4");
  const end = (result) => { clearTimeout(timer); clearInterval(again); socket.close(); done(result); };
  const timer = setTimeout(() => end("ETIMEDOUT"), patience);
  const send = () => socket.send("x", () => {});
  const again = setInterval(send, 200);
  socket.on("message", () => end("open")).on("error", ({ code }) => end(code));
  socket.connect(port, host, send);
});
const name = (host, _port, patience) => new Promise((done) => {
  const resolver = new (require("node:dns").Resolver)({ timeout: patience, tries: 1 });
  resolver.setServers(["${addresses.dns}"]);
  resolver.resolve4(host, (error) => done(error ? error.code : "open"));
});
const hammer = async (host, port, patience) => {
  // A try for an address that nobody has yet is repeated once a second otherwise.
  require("node:fs").writeFileSync("/proc/sys/net/ipv4/neigh/eth0/retrans_time_ms", "20");
  const end = Date.now() + patience;
  const found = {};
  const one = async () => {
    while (Date.now() < end) {
      const result = await tcp(host, port, 100);
      found[result] = (found[result] || 0) + 1;
    }
  };
  await Promise.all([one(), one(), one(), one()]);
  return JSON.stringify(found);
};
const flow = (host, port, patience) => new Promise((done) => {
  const begin = Date.now();
  let last = 0;
  const socket = dgram.createSocket("udp4");
  socket.on("message", () => { last = Date.now() - begin; }).on("error", () => {});
  socket.connect(port, host);
  const again = setInterval(() => socket.send("x", () => {}), 20);
  setTimeout(() => { clearInterval(again); socket.close(); done(String(last)); }, patience);
});
const ways = { TCP: tcp, UDP: udp, DNS: name, HAMMER: hammer, FLOW: flow };
require("node:http").createServer((request, answer) => {
  const asked = new URL(request.url, "http://pod").searchParams;
  const way = ways[asked.get("way")];
  way(asked.get("host"), Number(asked.get("port")), Number(asked.get("patience")))
    .then((result) => answer.end(result));
}).listen(Number(control), address);
`;

/**
 * What an agent is asked to do: to connect or to resolve a name, once; to connect all the time, and
 * count what comes of it; to talk on one UDP socket, and say how long it was answered.
 */
export interface Attempt {
  readonly way: "TCP" | "UDP" | "DNS" | "HAMMER" | "FLOW";
  readonly host: string;
  readonly port: number;
  /** Milliseconds after which it gives up. */
  readonly patience: number;
}

/** Has the agent at an address try something, and gives what it says of it. */
export async function attempt(
  agent: { readonly address: string; readonly control: number },
  { way, host, port, patience }: Attempt,
): Promise<string> {
  const query = new URLSearchParams({ way, host, port: `${port}`, patience: `${patience}` });
  const answer = await fetch(`http://${agent.address}:${agent.control}/?${query}`);
  return answer.text();
}

/**
 * What an agent's answer means. The kernel sends no more than one rejection a second to each
 * address after the first six, so that a closed way may be one without an answer.
 */
export function outcomeOf(way: Attempt["way"], answer: string): Outcome {
  if (answer === "open") return "open";
  // The resolver gives the same for a way that is closed and a server that is not there.
  if (way === "DNS" && ["ECONNREFUSED", "ETIMEOUT"].includes(answer)) return "closed";
  if (["EHOSTUNREACH", "ETIMEDOUT"].includes(answer)) return "closed";
  if (answer === "ECONNREFUSED") return "refused";
  throw new Error(`an agent answered "${answer}"`);
}
