import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installShim } from "../../../sandbox/make/shim.ts";

describe("pulumi in make's shell", () => {
  const folder = mkdtempSync(join(tmpdir(), "it's a shim-"));
  after(() => rmSync(folder, { recursive: true }));
  const real = join(folder, "real");
  const stacks = join(folder, "stacks");
  const shims = join(folder, "shims");

  function call(...args: string[]): string[] {
    const env = { PATH: process.env.PATH };
    const printed = execFileSync(join(shims, "pulumi"), args, { encoding: "utf8", env });
    return printed.trimEnd().split("\n");
  }

  before(() => {
    mkdirSync(stacks);
    writeFileSync(real, '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
    for (const stack of ["dev", "prod"]) writeFileSync(join(stacks, `${stack}.yaml`), "");
    installShim(shims, real, stacks);
  });

  const file = (stack: string) => join(stacks, `${stack}.yaml`);
  const cases: [string[], string[]][] = [
    [["up"], ["up", "--config-file", file("dev")]],
    [
      ["preview", "--stack", "prod"],
      ["preview", "--stack", "prod", "--config-file", file("prod")],
    ],
    [
      ["up", "-s", "prod"],
      ["up", "-s", "prod", "--config-file", file("prod")],
    ],
    [
      ["destroy", "--stack=prod"],
      ["destroy", "--stack=prod", "--config-file", file("prod")],
    ],
    [
      ["up", "--stack", "unknown"],
      ["up", "--stack", "unknown"],
    ],
    [
      ["up", "--config-file", "x"],
      ["up", "--config-file", "x"],
    ],
    [
      ["config", "set", "a b", "c"],
      ["config", "set", "a b", "c"],
    ],
    [
      ["stack", "export"],
      ["stack", "export"],
    ],
  ];
  for (const [typed, handed] of cases) {
    it(`hands on \`pulumi ${typed.join(" ")}\``, () => assert.deepEqual(call(...typed), handed));
  }
});
