import closeWithGrace from "close-with-grace";
import { startAdminServer } from "../../shared/admin-server.ts";
import { openConsul } from "../../shared/consul.ts";
import { createLogger } from "../../shared/log.ts";
import { Registry, startMetricsServer } from "../../shared/metrics-server.ts";
import { settingsOrExit } from "../../shared/settings.ts";
import { leaveToken } from "../../shared/token-file.ts";
import { appVersion } from "../../shared/version.ts";
import { readAgentSettings } from "./settings.ts";
import { exportStatus, readStatus } from "./status.ts";
import { exportInstances } from "./upstream.ts";

/** Registers the nginx beside it in Consul, and gets consul-template the token that it needs. */
async function main(): Promise<void> {
  const settings = settingsOrExit(readAgentSettings);
  const log = createLogger("edge-agent", settings.LOG_LEVEL, 1);
  const registry = new Registry();
  exportStatus(() => readStatus(settings.NGINX_STATUS), registry);
  exportInstances(settings.NGINX_CONFIG, registry);
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
  });
  const metrics =
    settings.metrics && (await startMetricsServer({ ...settings.metrics, registry, log }));
  const ports = { adminPort: admin.port, metricsPort: metrics?.port };
  log.info({ version: appVersion, ...ports }, "registering");
  closeWithGrace({ delay: 5000, logger: false }, async ({ signal, err }) => {
    log.info({ signal, err }, "deregistering");
    await consul.close();
    await Promise.all([admin.close(), metrics?.close()]);
    log.info("stopped");
  });
}

void main();
