const LINE = 64;

/** Writes `der` as PEM with `label`, in lines of 64 characters, with a line feed at the end. */
export function toPem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString("base64")
    .replace(new RegExp(`.{1,${LINE}}`, "g"), "$&\n");
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}

/** Reads the first block of `pem`. Throws an error naming `property` if its label is another. */
export function fromPem(property: string, label: string, pem: string): Buffer {
  const match = /-----BEGIN ([^-]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/.exec(pem);
  if (match?.[1] === label) return Buffer.from(match[2] ?? "", "base64");
  const got = match === null ? "no PEM block" : `a PEM block of type "${match[1]}"`;
  throw new Error(`${property} has ${got}; allowed: "${label}"`);
}
