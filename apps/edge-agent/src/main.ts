import closeWithGrace from "close-with-grace";
import { Registry, startAdminServer } from "../../shared/admin-server.ts";
import { openConsul } from "../../shared/consul.ts";
import { createLogger } from "../../shared/log.ts";
import { settingsOrExit } from "../../shared/settings.ts";
import { appVersion } from "../../shared/version.ts";
import { readAgentSettings } from "./settings.ts";
import { exportStatus, readStatus } from "./status.ts";
import { leaveToken } from "./token.ts";

/** Registers the nginx beside it in Consul, and gets consul-template the token that it needs. */
async function main(): Promise<void> {
  const settings = settingsOrExit(readAgentSettings);
  const log = createLogger("edge-agent", settings.LOG_LEVEL, 1);
  const registry = new Registry();
  exportStatus(() => readStatus(settings.NGINX_STATUS), registry);
  const consul = openConsul(settings.consul, log, {
    onToken: (secret) => leaveToken(settings.TOKEN_FILE, secret),
  });
  const port = settings.EDGE_PORT;
  consul.register({ name: "edge", port, check: { kind: "tcp", port } });
  const admin = await startAdminServer({
    port: settings.ADMIN_PORT,
    live: () => undefined,
    // Consul that is away is no reason to send nobody to the nginx beside us.
    ready: () => undefined,
    registry,
    log,
  });
  log.info({ version: appVersion, adminPort: admin.port }, "registering");
  closeWithGrace({ delay: 5000, logger: false }, async ({ signal, err }) => {
    log.info({ signal, err }, "deregistering");
    await consul.close();
    await admin.close();
    log.info("stopped");
  });
}

void main();
