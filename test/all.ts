import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** Live tests that count no seconds and leave the cluster's other users alone. */
const untimed = "test/live/{aws,plans,plugins}/**/*.test.ts";

/** What runs one after the other; within the first, two files at a time. */
const runs = [
  ["--parallel", "--jobs", "2", "test/{*,!(live)/**/*}.test.ts", untimed],
  ["--ignore", untimed, "test/live/**/*.test.ts"],
] as const;

const counts = z.object({ passes: z.number(), failures: z.number(), pending: z.number() });

/** All tests, closed by one line for all of them; the exit code is 1 when one of them failed. */
function main(): number {
  const folder = mkdtempSync(join(tmpdir(), "web-greetings-"));
  try {
    const all = runs.map((args, index) => {
      const file = join(folder, `${index}.json`);
      const env = { ...process.env, WEB_GREETINGS_COUNTS: file };
      const { status } = spawnSync("mocha", ["--timeout", "600000", ...args], {
        env,
        stdio: "inherit",
      });
      return { status, ...counts.parse(JSON.parse(readFileSync(file, "utf8"))) };
    });
    const sum = (of: "passes" | "failures" | "pending") =>
      all.reduce((total, one) => total + one[of], 0);
    console.log(`${sum("passes")} passed, ${sum("failures")} failed, ${sum("pending")} skipped`);
    return all.every(({ status }) => status === 0) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

process.exitCode = main();
