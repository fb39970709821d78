import { isUtf8 } from "node:buffer";

/** Longest text, in bytes of UTF-8 after decoding. */
export const MAX_TEXT_BYTES = 64 * 1024;

/** Why a text was refused, as the status and the body of the answer. */
export interface Refusal {
  readonly status: 400 | 413;
  readonly body: string;
}

const EMPTY: Refusal = { status: 400, body: "The text is empty" };
const BAD_ESCAPE: Refusal = { status: 400, body: "A % must be followed by two hexadecimal digits" };
const NOT_UTF8: Refusal = { status: 400, body: "The text is not UTF-8" };
/** The answer to a text, or to a whole request line, that is too long. */
export const TOO_LONG: Refusal = { status: 413, body: "The text is longer than 65536 bytes" };

const PERCENT = 0x25;

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) {
    return code - 0x30;
  }
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function unescapeBytes(raw: Buffer): Buffer | undefined {
  let written = 0;
  for (let at = 0; at < raw.length; at++) {
    let byte = raw[at] as number;
    if (byte === PERCENT) {
      // Past the end reads as undefined, which `| 0x20` turns into no digit.
      const high = hexDigit(raw[at + 1] as number);
      const low = hexDigit(raw[at + 2] as number);
      if (high < 0 || low < 0) {
        return undefined;
      }
      byte = high * 16 + low;
      at += 2;
    }
    raw[written++] = byte;
  }
  return raw.subarray(0, written);
}

/**
 * The text of a request: what follows the prefix in the raw request target (`encoded`), up to the
 * query, URL-decoded. Slashes belong to the text, `+` stays `+`; a `?` that belongs to it is sent as
 * `%3F`. The result is the text's bytes in UTF-8, or why it is refused.
 */
export function decodeText(encoded: string): Buffer | Refusal {
  const query = encoded.indexOf("?");
  const path = query < 0 ? encoded : encoded.slice(0, query);
  if (path.length === 0) {
    return EMPTY;
  }
  if (path.length > 3 * MAX_TEXT_BYTES) {
    return TOO_LONG;
  }
  // Node hands the request target over as latin1: one character a byte.
  const bytes = unescapeBytes(Buffer.from(path, "latin1"));
  if (bytes === undefined) {
    return BAD_ESCAPE;
  }
  if (bytes.length > MAX_TEXT_BYTES) {
    return TOO_LONG;
  }
  return isUtf8(bytes) ? bytes : NOT_UTF8;
}
