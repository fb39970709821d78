/** Whole numbers from the first to the last, both included: IPv4 addresses as numbers, or ports. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** Every IPv4 address. */
export const allAddresses: Range = { first: 0, last: 2 ** 32 - 1 };

/** An IPv4 address as a number; undefined for anything else, IPv6 among it. */
export function parseAddress(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  const bytes = match.slice(1).map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** A number as an IPv4 address. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** The addresses of a CIDR; undefined for one that is not of IPv4. */
export function parseBlock(cidr: string): Range | undefined {
  const [text = "", prefix = ""] = cidr.split("/");
  const address = parseAddress(text);
  if (address === undefined || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) return undefined;
  const size = 2 ** (32 - Number(prefix));
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}

/** The same numbers in ranges that are in order and neither overlap nor touch. */
export function merge(ranges: readonly Range[]): readonly Range[] {
  const merged: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous && range.first <= previous.last + 1) {
      merged[merged.length - 1] = {
        first: previous.first,
        last: Math.max(previous.last, range.last),
      };
    } else {
      merged.push(range);
    }
  }
  return merged;
}

/** The numbers of `range` that are in none of `holes`, as ranges in order. */
export function subtract(range: Range, holes: readonly Range[]): readonly Range[] {
  const left: Range[] = [];
  let next = range.first;
  for (const hole of merge(holes)) {
    if (hole.last < next || hole.first > range.last) continue;
    if (hole.first > next) left.push({ first: next, last: hole.first - 1 });
    next = hole.last + 1;
  }
  if (next <= range.last) left.push({ first: next, last: range.last });
  return left;
}

/** Whether one of the ranges has the number. */
export function includes(ranges: readonly Range[], number: number): boolean {
  return ranges.some(({ first, last }) => first <= number && number <= last);
}
