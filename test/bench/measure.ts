/** One measurement beside another, each of several rounds in the same run. */
export interface Measured {
  /** What was measured, as a row of the table names it. */
  readonly what: string;
  readonly ours: readonly number[];
  /** What it is held against, measured in the same rounds. */
  readonly against?: { readonly what: string; readonly values: readonly number[] };
  readonly unit: string;
  /** What it should be, in words, and whether it is. */
  readonly goal: string;
  readonly met: boolean;
}

/** The middle value; of an even number, the lower of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** Median of ours over median of the other's. */
export function ratio(ours: readonly number[], against: readonly number[]): number {
  return median(ours) / median(against);
}

/** Seconds that some work took. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

function number(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function spread(values: readonly number[], unit: string): string {
  const ends = `${number(Math.min(...values))} to ${number(Math.max(...values))}`;
  const range = values.length > 1 ? ` (${ends}, n = ${values.length})` : "";
  return `${number(median(values))} ${unit}${range}`;
}

/** A table of measurements, medians with their range. */
export function table(measured: readonly Measured[]): string {
  const rows = measured.map(({ what, ours, against, unit, goal, met }) => {
    const other = against ? `${against.what}: ${spread(against.values, unit)}` : "";
    const quotient = against ? `${number(ratio(ours, against.values))} x` : "";
    return `| ${what} | ${spread(ours, unit)} | ${other} | ${quotient} | ${goal} | ${met ? "yes" : "**no**"} |`;
  });
  const head = "| what | ours | against | ratio | goal | met |\n|---|---|---|---|---|---|\n";
  return `${head}${rows.join("\n")}\n`;
}

/**
 * A document with one of its sections put in place of the former one of the same title, or at the
 * end.
 */
export function replaceSection(document: string, title: string, body: string): string {
  const sections = document.split(/^(?=## )/m);
  const section = `## ${title}\n\n${body.trim()}\n`;
  const index = sections.findIndex((text) => text.startsWith(`## ${title}\n`));
  if (index >= 0) sections[index] = section;
  else sections.push(section);
  return `${sections.map((text) => text.trimEnd()).join("\n\n")}\n`;
}
