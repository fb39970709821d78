import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { allDashboards, queriesOf } from "../../../workloads/grafana/dashboards.ts";
import { makeRoot, type ProgramRoot } from "../prometheus/programs.ts";

describe("dashboards, as Prometheus reads them", () => {
  let programs: ProgramRoot;

  before(async function () {
    this.timeout(60_000);
    const found = await makeRoot("prometheus");
    if ("missing" in found) {
      console.log(`      skipped: ${found.missing}`);
      return this.skip();
    }
    programs = found;
  });

  /** What promtool says of queries, each the expression of a rule, and its exit code. */
  function checked(name: string, queries: readonly string[]) {
    const file = join(programs.root, "etc", `${name}.yml`);
    const rules = queries.map((expr, index) => ({ record: `panel:${index}`, expr }));
    writeFileSync(file, stringify({ groups: [{ name, rules }] }));
    return programs.run("promtool", ["check", "rules", file]);
  }

  for (const dashboard of allDashboards()) {
    const queries = queriesOf(dashboard).filter(({ source }) => source === "prometheus");
    if (queries.length === 0) continue;
    it(`${dashboard.uid} asks nothing that it does not understand`, () => {
      const { code, text } = checked(
        dashboard.uid,
        queries.map(({ query }) => query),
      );
      assert.equal(code, 0, text);
      assert.match(text, new RegExp(`SUCCESS: ${queries.length} rules found`));
    });
  }

  it("fail for what is no expression", () => {
    const { code, text } = checked("broken", ["sum by topic (rate(a[1m]))"]);
    assert.equal(code, 1);
    assert.match(text, /parse error/);
  });
});
