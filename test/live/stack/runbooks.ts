import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../sandbox/make/session.ts";
import type { Stack } from "./fixture.ts";

/** The commands of a runbook, a line each, in their order. */
export function commandsOf(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(([, block = ""]) => block.split("\n")).filter((line) => line !== "");
}

/** That what the runbooks say can be typed. */
export function runbooks(stack: () => Stack): void {
  describe("runbooks", () => {
    for (const name of ["consul"]) {
      it(`${name}: every command of it works`, async () => {
        const file = join(root, "docs", "runbooks", `${name}.md`);
        const commands = commandsOf(readFileSync(file, "utf8"));
        assert.ok(commands.length > 5);
        for (const command of commands) {
          const { code, text } = await stack().run("bash", ["-ec", command]);
          assert.equal(code, 0, `${command}\n${text}`);
        }
        console.log(`      ${commands.length} commands typed`);
      });
    }
  });
}
