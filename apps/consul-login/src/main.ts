import closeWithGrace from "close-with-grace";
import { startAdminServer } from "../../shared/admin-server.ts";
import { openConsul } from "../../shared/consul.ts";
import { createLogger } from "../../shared/log.ts";
import { settingsOrExit } from "../../shared/settings.ts";
import { leaveToken } from "../../shared/token-file.ts";
import { appVersion } from "../../shared/version.ts";
import { readLoginSettings } from "./settings.ts";

/** Stays logged in to Consul for the program beside it, which knows no login of its own. */
async function main(): Promise<void> {
  const settings = settingsOrExit(readLoginSettings);
  const log = createLogger("consul-login", settings.LOG_LEVEL, 1);
  const consul = openConsul(settings.consul, log, {
    onToken: (secret) => leaveToken(settings.TOKEN_FILE, secret),
  });
  consul.login();
  const admin = await startAdminServer({
    port: settings.ADMIN_PORT,
    live: () => undefined,
    // The program beside us has much to do besides Consul.
    ready: () => undefined,
  });
  log.info({ version: appVersion, adminPort: admin.port }, "logging in");
  closeWithGrace({ delay: 5000, logger: false }, async ({ signal, err }) => {
    log.info({ signal, err }, "logging out");
    await consul.close();
    await admin.close();
    log.info("stopped");
  });
}

void main();
