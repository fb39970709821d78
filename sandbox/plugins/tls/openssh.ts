import { createHash, createPublicKey, type KeyObject, randomBytes } from "node:crypto";
import { algorithmOf, curveOf } from "./keys.ts";
import { toPem } from "./pem.ts";

/** A key pair as OpenSSH writes it. */
export interface OpensshKey {
  /** PEM in OpenSSH's own format, not encrypted, without a comment. */
  readonly privateKey: string;
  /** A line for `authorized_keys`, with a line feed at the end. */
  readonly publicKey: string;
  /** `aa:bb:...` */
  readonly fingerprintMd5: string;
  /** `SHA256:...` */
  readonly fingerprintSha256: string;
}

const MAGIC = Buffer.from("openssh-key-v1\0");
const BLOCK = 8;

/** Writes `key` as OpenSSH does; all texts are empty for P-224, which OpenSSH does not know. */
export function toOpenssh(key: KeyObject): OpensshKey {
  if (algorithmOf(key) === "ECDSA" && curveOf(key) === "P224") {
    return { privateKey: "", publicKey: "", fingerprintMd5: "", fingerprintSha256: "" };
  }
  const { type, publicFields, privateFields } = fieldsOf(key);
  const blob = Buffer.concat([string(type), ...publicFields]);
  const md5 = createHash("md5").update(blob).digest("hex");
  const sha256 = createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
  return {
    privateKey: privatePem(type, blob, privateFields),
    publicKey: `${type} ${blob.toString("base64")}\n`,
    fingerprintMd5: md5.replace(/..(?=.)/g, "$&:"),
    fingerprintSha256: `SHA256:${sha256}`,
  };
}

interface Fields {
  readonly type: string;
  readonly publicFields: readonly Buffer[];
  readonly privateFields: readonly Buffer[];
}

function fieldsOf(key: KeyObject): Fields {
  const jwk = key.export({ format: "jwk" });
  const part = (name: "n" | "e" | "d" | "p" | "q" | "qi" | "x"): Buffer =>
    Buffer.from(jwk[name] ?? "", "base64url");
  const number = (name: "n" | "e" | "d" | "p" | "q" | "qi"): Buffer => mpint(part(name));
  switch (algorithmOf(key)) {
    case "RSA":
      return {
        type: "ssh-rsa",
        publicFields: [number("e"), number("n")],
        privateFields: ["n", "e", "d", "qi", "p", "q"].map((name) => number(name as "n")),
      };
    case "ECDSA": {
      const curve = `nistp${curveOf(key).slice(1)}`;
      const fields = [string(curve), string(pointOf(key))];
      return {
        type: `ecdsa-sha2-${curve}`,
        publicFields: fields,
        privateFields: [...fields, number("d")],
      };
    }
    case "ED25519":
      return {
        type: "ssh-ed25519",
        publicFields: [string(part("x"))],
        privateFields: [string(part("x")), string(Buffer.concat([part("d"), part("x")]))],
      };
  }
}

// The public key's DER ends with the point.
function pointOf(key: KeyObject): Buffer {
  const der = createPublicKey(key).export({ format: "der", type: "spki" });
  const size = { P224: 28, P256: 32, P384: 48, P521: 66 }[curveOf(key)];
  return der.subarray(der.length - 1 - 2 * size);
}

function privatePem(type: string, blob: Buffer, fields: readonly Buffer[]): string {
  const check = randomBytes(4);
  const body = Buffer.concat([check, check, string(type), ...fields, string("")]);
  const missing = (BLOCK - (body.length % BLOCK)) % BLOCK;
  const padding = Buffer.from(Array.from({ length: missing }, (_, index) => index + 1));
  const none = [string("none"), string("none"), string("")];
  const count = uint32(1);
  const secret = string(Buffer.concat([body, padding]));
  const der = Buffer.concat([MAGIC, ...none, count, string(blob), secret]);
  return toPem("OPENSSH PRIVATE KEY", der);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

// Numbers are signed and as short as can be.
function mpint(value: Buffer): Buffer {
  const start = value.findIndex((byte) => byte !== 0);
  const short = value.subarray(Math.max(0, start));
  const negative = (short[0] ?? 0) >= 0x80;
  return string(negative ? Buffer.concat([Buffer.alloc(1), short]) : short);
}
