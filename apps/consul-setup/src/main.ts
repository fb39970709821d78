import { readFileSync } from "node:fs";
import { join } from "node:path";
import closeWithGrace from "close-with-grace";
import { startAdminServer } from "../../shared/admin-server.ts";
import { ConsulClient, runLoop, systemClock } from "../../shared/consul.ts";
import { createLogger } from "../../shared/log.ts";
import { settingsOrExit } from "../../shared/settings.ts";
import { appVersion } from "../../shared/version.ts";
import { applyAcl } from "./acl.ts";
import { type Call, callAs } from "./call.ts";
import { applyGossipKey } from "./keyring.ts";
import { readSetupSettings } from "./settings.ts";
import { untilKnown } from "./untilKnown.ts";
import { parseWanted } from "./wanted.ts";

type Settings = ReturnType<typeof readSetupSettings>;

function secretOf({ SECRETS_FOLDER }: Settings, name: string): string {
  return readFileSync(join(SECRETS_FOLDER, name), "utf8").trim();
}

/** What makes policies, tokens and logins as they are declared now, of the secrets as they are then. */
function aclMaker(settings: Settings, call: Call, say: (line: string) => void) {
  const wanted = parseWanted(readFileSync(settings.ACL_FILE, "utf8"));
  const reviewer = (name: string) => readFileSync(join(settings.REVIEWER_FOLDER, name), "utf8");
  return (): Promise<void> => {
    const host = settings.KUBERNETES_URL;
    const secrets = {
      token: (name: string) => secretOf(settings, `${name}-token`),
      reviewer: { host, authority: reviewer("ca.crt"), token: reviewer("token") },
    };
    return applyAcl(call, wanted, secrets, say);
  };
}

/**
 * Makes Consul's keys, policies, tokens and logins as they are declared, or ends with the reason;
 * from then on keeps the policies, tokens and logins so, whatever happens.
 */
async function main(): Promise<void> {
  const settings = settingsOrExit(readSetupSettings);
  const log = createLogger("consul-setup", settings.LOG_LEVEL, 1);
  const say = (line: string): void => log.info(line);
  const client = new ConsulClient({
    address: settings.CONSUL_ADDRESS,
    caFile: settings.CONSUL_CA_FILE,
    certFile: settings.CONSUL_CERT_FILE,
    keyFile: settings.CONSUL_KEY_FILE,
  });
  const call = callAs(client, secretOf(settings, "management-token"));
  const makeAcl = aclMaker(settings, call, say);

  let isMade = false;
  const admin = await startAdminServer({
    port: settings.ADMIN_PORT,
    live: () => undefined,
    // Consul that is away later on is no reason to make another of us.
    ready: () => (isMade ? undefined : "not everything was made yet"),
  });
  log.info({ version: appVersion, adminPort: admin.port }, "setting up");
  const stopping = new AbortController();
  closeWithGrace({ delay: 5000, logger: false }, async ({ signal, err }) => {
    // Whatever is on its way is left: who comes next compares, and goes on.
    log.info({ signal, err }, "stopping");
    stopping.abort();
    await admin.close();
  });

  await untilKnown(call, systemClock, settings.DEADLINE_MS, say);
  await applyGossipKey(call, secretOf(settings, "gossip-key"), say);
  await makeAcl();
  isMade = true;
  say("all is as declared");
  await systemClock.pause(settings.PERIOD_MS, stopping.signal);
  const turn = async () => {
    await makeAcl();
    return settings.PERIOD_MS;
  };
  await runLoop(
    { name: "keeping what is declared", turn, clock: systemClock, log },
    stopping.signal,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
