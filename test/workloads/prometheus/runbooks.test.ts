import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../sandbox/make/session.ts";
import { runbookOf } from "../../../workloads/prometheus/rules.ts";
import { alertNames } from "./watched.ts";

/** Runbooks that are of no alert. */
const others = ["influxdb", "consul", "nodes"];

describe("runbooks", () => {
  it("are there for each alert, and for nothing that is none", () => {
    const found = readdirSync(join(root, "docs/runbooks")).map((file) => file.replace(/\.md$/, ""));
    assert.deepEqual(found.toSorted(), [...alertNames, ...others].toSorted());
  });

  for (const name of alertNames) {
    it(`${name}: says what it means, how to look and what to do`, () => {
      const text = readFileSync(join(root, runbookOf(name)), "utf8");
      assert.ok(text.startsWith(`# ${name}\n\n`));
      assert.deepEqual(text.match(/^## .*$/gm), ["## Look", "## What to do"]);
      const [, commands = ""] = /^```sh\n([\s\S]*?)^```$/m.exec(text) ?? [];
      const lines = commands.trimEnd().split("\n");
      assert.deepEqual(
        lines.filter((line) => !line.startsWith("make ")),
        [],
      );
    });
  }

  it("lead to each other where they say so", () => {
    for (const name of alertNames) {
      const text = readFileSync(join(root, runbookOf(name)), "utf8");
      for (const [, file = ""] of text.matchAll(/\]\(([^):#]+\.md)\)/g)) {
        assert.doesNotThrow(() => readFileSync(join(root, "docs/runbooks", file)), name);
      }
    }
  });
});
