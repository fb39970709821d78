import { write } from "node:fs";

/** Where lines go: resolves when the bytes have left this process. */
export interface Printer {
  print(bytes: Buffer): Promise<void>;
}

/** Bytes of a message's line besides the text and the offset's digits: ` – ` and the line's end. */
const SEPARATOR = Buffer.from(" – ");
const NEWLINE = 0x0a;
const MAX_OFFSET_DIGITS = 16;
const RETRY_MS = 5;

/** One message to print. */
export interface Message {
  readonly offset: number;
  readonly text: Buffer;
}

/**
 * The lines of a partition's messages: `Topic: <t> Partition: <p> Offset: <o> – <text>`. The text
 * is kept as it came, byte for byte, line breaks included: who reads by lines must expect them.
 */
export function renderLines(
  topic: string,
  partition: number,
  messages: readonly Message[],
): Buffer {
  const prefix = Buffer.from(`Topic: ${topic} Partition: ${partition} Offset: `);
  let room = messages.length * (prefix.length + MAX_OFFSET_DIGITS + SEPARATOR.length + 1);
  for (const { text } of messages) {
    room += text.length;
  }
  const lines = Buffer.allocUnsafe(room);
  let at = 0;
  for (const { offset, text } of messages) {
    at += prefix.copy(lines, at);
    at += lines.write(String(offset), at, "latin1");
    at += SEPARATOR.copy(lines, at);
    at += text.copy(lines, at);
    lines[at++] = NEWLINE;
  }
  return lines.subarray(0, at);
}

type Write = (
  descriptor: number,
  bytes: Buffer,
  offset: number,
  length: number,
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void;

/**
 * Prints to a file descriptor, one piece after the other, each whole. A reader that does not read
 * holds back `print`, not the event loop, so that heartbeats go on. Rejects when the reader is gone.
 */
export class DescriptorPrinter implements Printer {
  readonly #descriptor: number;
  readonly #write: Write;
  #last: Promise<void> = Promise.resolve();

  constructor(descriptor: number, writeTo: Write = write) {
    this.#descriptor = descriptor;
    this.#write = writeTo;
  }

  print(bytes: Buffer): Promise<void> {
    this.#last = this.#last.then(() => this.#all(bytes));
    return this.#last;
  }

  #all(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const from = (offset: number): void => {
        if (offset === bytes.length) {
          resolve();
          return;
        }
        this.#write(this.#descriptor, bytes, offset, bytes.length - offset, (error, written) => {
          if (error?.code === "EAGAIN") {
            setTimeout(from, RETRY_MS, offset);
          } else if (error) {
            reject(error);
          } else {
            from(offset + written);
          }
        });
      };
      from(0);
    });
  }
}
