import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One side's files of a mutual TLS connection, PEM. */
export interface TrialTls {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

function openssl(args: readonly string[]): void {
  execFileSync("openssl", args, { stdio: "ignore" });
}

function leaf(folder: string, name: string): TrialTls {
  const at = (suffix: string) => join(folder, `${name}${suffix}`);
  writeFileSync(at(".ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  openssl(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", at(".ec")]);
  openssl(["pkcs8", "-topk8", "-nocrypt", "-in", at(".ec"), "-out", at(".key")]);
  openssl(["req", "-new", "-key", at(".key"), "-subj", `/CN=${name}`, "-out", at(".csr")]);
  const caFile = join(folder, "ca.pem");
  const ca = ["-CA", caFile, "-CAkey", join(folder, "ca.key"), "-CAcreateserial"];
  const out = ["-days", "2", "-extfile", at(".ext"), "-out", at(".pem")];
  openssl(["x509", "-req", "-in", at(".csr"), ...ca, ...out]);
  return { caFile, certFile: at(".pem"), keyFile: at(".key") };
}

/**
 * Makes an authority in `folder`, and certificates of it for a server on loopback and for a client,
 * by openssl. `server.store.pem` holds the server's key and certificate, as Java takes them.
 */
export function makeCertificates(folder: string): {
  readonly server: TrialTls;
  readonly client: TrialTls;
} {
  const key = join(folder, "ca.key");
  openssl(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key]);
  const subject = ["-subj", "/CN=trial authority", "-days", "2"];
  openssl(["req", "-x509", "-new", "-key", key, ...subject, "-out", join(folder, "ca.pem")]);
  const server = leaf(folder, "server");
  const store = Buffer.concat([readFileSync(server.keyFile), readFileSync(server.certFile)]);
  writeFileSync(join(folder, "server.store.pem"), store);
  return { server, client: leaf(folder, "client") };
}
