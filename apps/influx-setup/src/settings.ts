import { type Environment, readSettings, text, wholeNumber } from "../../shared/settings.ts";

/**
 * Settings of the set-up.
 *
 * | variable            | meaning                                              | default    |
 * |---------------------|------------------------------------------------------|------------|
 * | INFLUX_HOST         | where InfluxDB is, the name in its certificate       | (required) |
 * | INFLUX_PORT         | its port, HTTPS                                      | 8086       |
 * | INFLUX_CA_FILE      | PEM file of the authority that signed it             | (required) |
 * | WANTED_FILE         | JSON file: what is to be there, and nothing secret   | (required) |
 * | SECRETS_FOLDER      | a file for each user and one for `admin`: passwords  | (required) |
 * | CONNECT_DEADLINE_MS | how long to wait for an answer                       | 120000     |
 */
export function readSetupSettings(environment: Environment) {
  return readSettings(
    {
      INFLUX_HOST: text,
      INFLUX_PORT: wholeNumber(1, 65535).default(8086),
      INFLUX_CA_FILE: text,
      WANTED_FILE: text,
      SECRETS_FOLDER: text,
      CONNECT_DEADLINE_MS: wholeNumber(1000, 3_600_000).default(120_000),
    },
    environment,
  );
}
