import { readFileSync } from "node:fs";
import { request } from "node:https";
import type { TLSSocket } from "node:tls";
import type { TrialTls } from "./certificates.ts";

/** An answer over TLS, and the name of the certificate that came before it. */
export interface SecureAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** Common name of the server's certificate. */
  readonly server: string;
}

/**
 * Asks a port of loopback over TLS, on a connection of its own; without a certificate where no files
 * are given but the authority's. Rejects when the server or we refuse.
 */
export function askSecurely(
  port: number,
  path: string,
  tls: Partial<TrialTls> & Pick<TrialTls, "caFile">,
): Promise<SecureAnswer> {
  const own =
    tls.certFile && tls.keyFile
      ? { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) }
      : {};
  const options = { host: "localhost", port, path, agent: false, ca: readFileSync(tls.caFile) };
  return new Promise((resolve, reject) => {
    const asked = request({ ...options, ...own }, (response) => {
      const { subject } = (response.socket as TLSSocket).getPeerCertificate();
      let body = "";
      response.setEncoding("utf8").on("error", reject);
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers["content-type"] ?? "",
          body,
          server: String(subject.CN),
        }),
      );
    });
    asked.on("error", reject).end();
  });
}
