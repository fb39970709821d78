/** What BuildKit tells in one message of a build's trace. */
export interface Trace {
  /** Steps that began, as `[2/3] COPY a.txt /a.txt`. */
  readonly steps: readonly string[];
  /** Lines that the steps printed. */
  readonly lines: readonly string[];
}

// Field numbers of BuildKit's StatusResponse, Vertex and VertexLog.
const VERTEX = 1;
const LOG = 3;
const VERTEX_NAME = 3;
const VERTEX_STARTED = 5;
const VERTEX_COMPLETED = 6;
const LOG_MESSAGE = 4;

/**
 * Reads one message of a trace: a protobuf of type `moby.buildkit.v1.StatusResponse` in base64.
 * Throws a `RangeError` where it is cut off.
 */
export function readTrace(base64: string): Trace {
  const status = fields(Buffer.from(base64, "base64"));
  const begun = of(status, VERTEX)
    .map(fields)
    .filter((one) => of(one, VERTEX_STARTED).length > 0 && of(one, VERTEX_COMPLETED).length === 0);
  const printed = of(status, LOG).map((log) => texts(fields(log), LOG_MESSAGE).join(""));
  return {
    steps: begun.flatMap((vertex) => texts(vertex, VERTEX_NAME)),
    lines: printed.flatMap((text) => text.split(/\r?\n/)).filter((line) => line !== ""),
  };
}

interface ProtoField {
  readonly number: number;
  readonly bytes: Buffer;
}

function of(message: readonly ProtoField[], number: number): readonly Buffer[] {
  return message.filter((field) => field.number === number).map((field) => field.bytes);
}

function texts(message: readonly ProtoField[], number: number): readonly string[] {
  return of(message, number).map((bytes) => bytes.toString("utf8"));
}

// Only fields with a length hold texts and messages; numbers are skipped.
function fields(bytes: Buffer): readonly ProtoField[] {
  const found: ProtoField[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const length = varint();
      if (at + length > bytes.length) throw new RangeError("the trace of the build is cut off");
      found.push({ number: Math.floor(tag / 8), bytes: bytes.subarray(at, at + length) });
      at += length;
    } else throw new RangeError(`the trace of the build has a field of wire type ${wire}`);
  }
  return found;
}
