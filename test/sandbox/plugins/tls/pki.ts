import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bridgedProvider } from "../../../../sandbox/plugins/bridged/provider.ts";
import {
  bare,
  type PropertyMap,
  type PropertyValue,
} from "../../../../sandbox/plugins/rpc/index.ts";
import { tlsKinds } from "../../../../sandbox/plugins/tls/kinds.ts";
import { Driver } from "../bridged/drive.ts";

/** Every sort of key that the plugin makes. */
export const KEY_SORTS: readonly PropertyMap[] = [
  { algorithm: "RSA", rsaBits: 2048 },
  { algorithm: "ECDSA", ecdsaCurve: "P224" },
  { algorithm: "ECDSA", ecdsaCurve: "P256" },
  { algorithm: "ECDSA", ecdsaCurve: "P384" },
  { algorithm: "ECDSA", ecdsaCurve: "P521" },
  { algorithm: "ED25519" },
];

/** A driver for the kind called `name`, with `now` as its clock. */
export function kind(name: string, now: () => Date = () => new Date()): Driver {
  const token = `tls:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
  return new Driver(bridgedProvider("tls", tlsKinds(now)), token);
}

/** The text of a property, secret or not. */
export function text(value: PropertyValue | undefined): string {
  return String(bare(value));
}

/** Makes a private key and gives its state. */
export async function makeKey(sort: PropertyMap): Promise<PropertyMap> {
  return (await kind("PrivateKey").create(sort)).state;
}

/** An authority: the state of its key and of its certificate. */
export interface Authority {
  readonly key: PropertyMap;
  readonly certificate: PropertyMap;
}

/** Makes an authority that is valid for two hours; `more` are further inputs. */
export async function makeAuthority(sort: PropertyMap, more: PropertyMap = {}): Promise<Authority> {
  const key = await makeKey(sort);
  const { state } = await kind("SelfSignedCert").create({
    privateKeyPem: key.privateKeyPem ?? null,
    allowedUses: ["cert_signing", "crl_signing"],
    isCaCertificate: true,
    validityPeriodHours: 2,
    subject: { commonName: "the authority", organization: "Grüße", streetAddresses: ["1", "2"] },
    ...more,
  });
  return { key, certificate: state };
}

/** Makes a key, lets `authority` sign a certificate for it, and gives the certificate's state. */
export async function makeLeaf(
  authority: Authority,
  sort: PropertyMap,
  names: PropertyMap,
  terms: PropertyMap,
): Promise<PropertyMap> {
  const key = await makeKey(sort);
  const request = await kind("CertRequest").create({
    privateKeyPem: key.privateKeyPemPkcs8 ?? null,
    ...names,
  });
  const { state } = await kind("LocallySignedCert").create({
    certRequestPem: request.state.certRequestPem ?? null,
    caCertPem: authority.certificate.certPem ?? null,
    caPrivateKeyPem: authority.key.privateKeyPem ?? null,
    allowedUses: ["digital_signature", "server_auth"],
    validityPeriodHours: 1,
    ...terms,
  });
  return state;
}

/** A folder for the files that other programs check; `close` removes it. */
export class Files {
  readonly #folder = mkdtempSync(join(tmpdir(), "tls-stand-in-"));
  #count = 0;

  /** Writes `content` for the owner alone and gives the path. */
  write(content: string): string {
    this.#count += 1;
    const path = join(this.#folder, `${this.#count}.pem`);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  /** Runs a program and gives what it prints. Throws where it fails, with its complaint. */
  run(program: string, ...args: readonly string[]): string {
    return execFileSync(program, args, { encoding: "utf8", stdio: "pipe" });
  }

  /** Removes everything that was written. */
  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
