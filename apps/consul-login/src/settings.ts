import { type Environment, readConsulAppSettings, text } from "../../shared/settings.ts";

/**
 * Settings of the login besides those of every app that talks to Consul.
 *
 * | variable   | meaning                                                     | default    |
 * |------------|-------------------------------------------------------------|------------|
 * | TOKEN_FILE | file that the token for the program beside it is left in    | (required) |
 */
export function readLoginSettings(environment: Environment) {
  return readConsulAppSettings({ TOKEN_FILE: text }, environment);
}
