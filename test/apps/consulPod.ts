import { type AddressInfo, createServer } from "node:net";
import { startAdminServer } from "../../apps/shared/admin-server.ts";
import { type ConsulSettings, openConsul, type ServiceCheck } from "../../apps/shared/consul.ts";
import { createLogger } from "../../apps/shared/log.ts";

/**
 * A program that registers itself as "trial", for tests to signal: its first argument is its
 * settings, the second the kind of its check. It is as ready as standard input last said: a line
 * "ready", or the reason why not.
 */
async function main(given = "{}", kind = "http"): Promise<void> {
  const settings = JSON.parse(given) as ConsulSettings;
  const log = createLogger("pod", "info", 1);
  let reason: string | undefined = "not ready yet";
  const state = () => reason;
  process.stdin.setEncoding("utf8").on("data", (line: string) => {
    reason = line.trim() === "ready" ? undefined : line.trim();
  });
  // It goes with the test that started it.
  process.stdin.once("end", () => process.exit(1));
  const admin = await startAdminServer({ port: 0, live: state, ready: state });
  const open = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => open.once("listening", resolve));
  const checks: Readonly<Record<string, ServiceCheck>> = {
    http: { kind: "http", port: admin.port, path: "/readyz", state },
    tcp: { kind: "tcp", port: (open.address() as AddressInfo).port },
    ttl: { kind: "ttl", state },
  };
  const link = openConsul(settings, log);
  link.register({ name: "trial", port: 1234, check: checks[kind] as ServiceCheck });
  process.once("SIGTERM", () => void link.close().then(() => process.exit(0)));
}

void main(...process.argv.slice(2));
