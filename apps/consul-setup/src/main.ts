import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConsulClient, systemClock } from "../../shared/consul.ts";
import { settingsOrExit } from "../../shared/settings.ts";
import { applyAcl } from "./acl.ts";
import { callAs } from "./call.ts";
import { applyGossipKey } from "./keyring.ts";
import { readSetupSettings } from "./settings.ts";
import { untilKnown } from "./untilKnown.ts";
import { parseWanted } from "./wanted.ts";

/** Makes Consul's keys, policies, tokens and logins as they are declared. */
async function main(): Promise<void> {
  const settings = settingsOrExit(readSetupSettings);
  const wanted = parseWanted(readFileSync(settings.ACL_FILE, "utf8"));
  const secret = (name: string) => readFileSync(join(settings.SECRETS_FOLDER, name), "utf8").trim();
  const reviewer = (name: string) => readFileSync(join(settings.REVIEWER_FOLDER, name), "utf8");
  const client = new ConsulClient({
    address: settings.CONSUL_ADDRESS,
    caFile: settings.CONSUL_CA_FILE,
    certFile: settings.CONSUL_CERT_FILE,
    keyFile: settings.CONSUL_KEY_FILE,
  });
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  try {
    const call = callAs(client, secret("management-token"));
    await untilKnown(call, systemClock, settings.DEADLINE_MS, say);
    await applyGossipKey(call, secret("gossip-key"), say);
    const secrets = {
      token: (name: string) => secret(`${name}-token`),
      reviewer: {
        host: settings.KUBERNETES_URL,
        authority: reviewer("ca.crt"),
        token: reviewer("token"),
      },
    };
    await applyAcl(call, wanted, secrets, say);
    say("all is as declared");
  } finally {
    client.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
