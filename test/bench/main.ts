import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { root } from "../../sandbox/make/session.ts";
import { Stack } from "../live/stack/fixture.ts";
import { memory, start, throughput } from "./apps.ts";
import { benchEdge } from "./edge/bench.ts";
import { type Measured, replaceSection, table } from "./measure.ts";
import { growth } from "./stack/growth.ts";
import { size } from "./stack/image.ts";
import { idle, upAgainstApply } from "./stack/up.ts";

const rounds = 5;
const document = join(root, "docs", "benchmarks.md");

/** Sections of the document; each is measured on its own, in the order given here. */
const sections: Readonly<Record<string, () => Promise<Measured[]>>> = {
  "Bringing the stack up": () => upAgainstApply(new Stack(), rounds),
  "Nothing to change": () => idle(new Stack(), rounds),
  "Growth of an idle up": () => growth(new Stack(), rounds),
  "The edge": () => benchEdge(new Stack(), rounds),
  "API and Worker": () => throughput(rounds),
  "Memory under load": () => memory(),
  "Start of the API": () => start(rounds),
  "Size of the API's image": () => size(new Stack()),
};

function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const kernel = execFileSync("uname", ["-sr"], { encoding: "utf8" }).trim();
  return `${cpus().length} x ${cpu?.model.trim() || "CPU"}, ${memory} GiB, ${kernel}, Node.js ${process.version}`;
}

/** Measures the sections whose titles contain one of the words given, or all, and writes them down. */
async function main(words: readonly string[]): Promise<void> {
  const chosen = Object.entries(sections).filter(
    ([title]) => words.length === 0 || words.some((word) => title.toLowerCase().includes(word)),
  );
  for (const [index, [title, measure]] of chosen.entries()) {
    console.log(`benchmark ${index + 1} of ${chosen.length}: ${title}`);
    const results = table(await measure());
    console.log(results);
    const date = new Date().toISOString().slice(0, 10);
    const before = existsSync(document) ? readFileSync(document, "utf8") : "# Benchmarks\n";
    const body = `Measured ${date} on ${machine()}.\n\n${results}`;
    writeFileSync(document, replaceSection(before, title, body));
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
