import {
  appFields,
  type Environment,
  readSettings,
  text,
  wholeNumber,
} from "../../shared/settings.ts";

/**
 * Settings of the set-up, besides those of every app that serves.
 *
 * | variable         | meaning                                                        | default    |
 * |------------------|----------------------------------------------------------------|------------|
 * | CONSUL_ADDRESS   | host:port of the servers' HTTPS API                            | (required) |
 * | CONSUL_CA_FILE   | PEM file of the authority that signed the servers              | (required) |
 * | CONSUL_CERT_FILE | PEM file of our certificate                                    | (required) |
 * | CONSUL_KEY_FILE  | PEM file of our key                                            | (required) |
 * | ACL_FILE         | JSON file: what is to be there, and nothing secret             | (required) |
 * | SECRETS_FOLDER   | files management-token, gossip-key and <name>-token            | (required) |
 * | REVIEWER_FOLDER  | files token and ca.crt: Consul asks Kubernetes with them       | (required) |
 * | KUBERNETES_URL   | where Consul asks                                              | https://kubernetes.default.svc |
 * | DEADLINE_MS      | how long to wait for a leader that knows the management token  | 240000     |
 * | PERIOD_MS        | how often to look whether all is still there                   | 30000      |
 */
export function readSetupSettings(environment: Environment) {
  return readSettings(
    {
      ...appFields,
      CONSUL_ADDRESS: text,
      CONSUL_CA_FILE: text,
      CONSUL_CERT_FILE: text,
      CONSUL_KEY_FILE: text,
      ACL_FILE: text,
      SECRETS_FOLDER: text,
      REVIEWER_FOLDER: text,
      KUBERNETES_URL: text.default("https://kubernetes.default.svc"),
      DEADLINE_MS: wholeNumber(1000, 3_600_000).default(240_000),
      PERIOD_MS: wholeNumber(100, 3_600_000).default(30_000),
    },
    environment,
  );
}
