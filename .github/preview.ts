import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { parsePlan, renderPlan } from "./comment.ts";

/** Bytes for each stack: two of them and what is around them fit into one comment. */
const STACK_BYTES = 30_000;

/**
 * `tsx .github/preview.ts <stack> <file>`: hands the plan in a file on to the job's summary and, as
 * its output `comment`, to the job that posts it. COMMIT is the hash of what was previewed.
 */
function main([stack, file]: readonly string[]): void {
  const { COMMIT: commit, GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary } = process.env;
  if (!stack || !file || !commit || !output || !summary) {
    throw new Error("preview.ts wants a stack and a file, and COMMIT and GitHub's variables");
  }
  const plan = parsePlan(existsSync(file) ? readFileSync(file, "utf8") : "");
  const text = renderPlan(plan, { stack, commit }, STACK_BYTES);
  appendFileSync(summary, `${text}\n`);
  // Nobody who writes names into a plan can know the line that ends the output.
  const end = randomUUID();
  appendFileSync(output, `comment<<${end}\n${text}\n${end}\n`);
}

main(process.argv.slice(2));
