import { z } from "zod";
import {
  type Environment,
  readConsulAppSettings,
  text,
  wholeNumber,
} from "../../shared/settings.ts";

/**
 * Settings of the edge's agent besides those of every app that talks to Consul.
 *
 * | variable     | meaning                                                      | default    |
 * |--------------|--------------------------------------------------------------|------------|
 * | EDGE_PORT    | TLS port of the nginx beside it, which it registers          | 9443       |
 * | NGINX_STATUS | URL of nginx's counts, plain HTTP on the pod's own loopback  | (required) |
 * | NGINX_CONFIG | file of nginx's configuration as consul-template writes it    | (required) |
 * | TOKEN_FILE   | file that the token for consul-template is left in           | (required) |
 */
export function readAgentSettings(environment: Environment) {
  return readConsulAppSettings(
    {
      EDGE_PORT: wholeNumber(1, 65535).default(9443),
      NGINX_STATUS: z.url({ protocol: /^http$/, error: "allowed: an http:// URL" }),
      NGINX_CONFIG: text,
      TOKEN_FILE: text,
    },
    environment,
  );
}
