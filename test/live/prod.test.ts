import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Plan, parsePlan, renderPlan } from "../../.github/comment.ts";
import { openSession, root } from "../../sandbox/make/session.ts";
import { requireLive } from "./harness.ts";

/** Lines by what they have in common, with how many there are. */
function count(lines: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of lines) counts[line] = (counts[line] ?? 0) + 1;
  return counts;
}

describe("live: the plan of the prod stack", function () {
  this.timeout(300_000);
  let plan: Plan = {};
  let seconds = 0;

  before(function () {
    requireLive(this);
    if (!openSession("prod").ownsState) {
      console.log("      skipped: somebody is logged in to Pulumi; that backend is not touched");
      this.skip();
    }
    const begin = performance.now();
    // As much as all inputs of a cloud; what the workflow of pull requests reads.
    const options = { cwd: root, encoding: "utf8", stdio: "pipe", maxBuffer: 2 ** 26 } as const;
    const { status, stdout, stderr } = spawnSync(
      "make",
      ["--silent", "preview", "stack=prod", "json=1"],
      options,
    );
    seconds = (performance.now() - begin) / 1000;
    assert.equal(status, 0, `${stdout}${stderr}`);
    plan = parsePlan(stdout) ?? {};
  });

  const inventory = readFileSync(join(root, "test/stack/inventory-prod.txt"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" ")[0] ?? "");

  it("is to create what is in its inventory, and nothing else", () => {
    // With the stack itself.
    assert.deepEqual(plan.changeSummary, { create: inventory.length + 1 });
    const planned = (plan.steps ?? []).map(({ op, urn }) => {
      assert.equal(op, "create", urn);
      return urn.split("::")[2]?.split("$").at(-1) ?? "";
    });
    const ours = planned.filter((type) => /^(aws|kubernetes|tls|random|docker):/.test(type));
    const types = inventory.filter((type) => /^(aws|kubernetes|tls|random|docker):/.test(type));
    assert.deepEqual(count(ours.sort()), count(types.sort()));
    const services = count(ours.map((type) => type.split("/")[0] ?? ""));
    const line = Object.entries(services).map(([of, many]) => `${of} ${many}`);
    console.log(`      ${planned.length} resources in ${seconds.toFixed(1)} s: ${line.join(", ")}`);
  });

  it("says where it would act, and has nothing to warn of", () => {
    const said = plan.diagnostics ?? [];
    const where = /^acting on AWS account 123456789012, region eu-central-1, as yourcom$/m;
    assert.ok(said.some(({ message }) => where.test(message ?? "")));
    assert.deepEqual(
      said.filter(({ severity }) => severity !== "info"),
      [],
    );
  });

  it("is shown whole in a comment on a pull request", () => {
    const text = renderPlan(plan, { stack: "prod", commit: "0123abcd" }, 30_000);
    const { create } = plan.changeSummary ?? {};
    assert.match(text, new RegExp(`^### .prod.: ${create} created, 0 unchanged\n`));
    assert.equal(text.match(/^ {2}- `/gm)?.length, create);
  });
});
