import { decodeBatches, decompress } from "../../shared/kafka.ts";
import type { Message } from "./printer.ts";

/** What was fetched of a partition, cut into pieces that are printed one at a time. */
export interface Pieces {
  /** In order; none is empty. */
  readonly pieces: readonly (readonly Message[])[];
  /** Offset to fetch next: past what is not for consumers, such as marks of transactions. */
  readonly end: number;
}

/** A record without a value is printed as an empty text. */
const EMPTY = Buffer.alloc(0);

/**
 * Reads record batches from offset `from` on and cuts them into pieces: each is as short as it can
 * be with `pieceBytes` bytes of texts or more, but for the last one. Throws on damaged batches.
 */
export function cutIntoPieces(records: Buffer, from: number, pieceBytes: number): Pieces {
  const pieces: Message[][] = [];
  let piece: Message[] = [];
  let bytes = 0;
  const end = decodeBatches(
    records,
    from,
    (offset, text = EMPTY) => {
      if (piece.length === 0 || bytes >= pieceBytes) {
        piece = [];
        pieces.push(piece);
        bytes = 0;
      }
      piece.push({ offset, text });
      bytes += text.length;
    },
    decompress,
  );
  return { pieces, end };
}
