import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { root } from "../../../../sandbox/make/session.ts";
import { renderRules } from "../../../../workloads/prometheus/rules.ts";
import { alertNames, watched } from "../../../workloads/prometheus/watched.ts";
import { influxdbCases } from "../influxdb/alertCases.ts";
import type { AlertCase } from "./cases/case.ts";
import { ownCases } from "./cases/own.ts";
import { roomCases } from "./cases/rooms.ts";
import { makeRoot, type ProgramRoot } from "./programs.ts";

/** promtool's time begins in 1970. */
const certificates = { near: "1970-01-20T00:00:00Z", far: "1970-06-01T00:00:00Z" };
const cases = [...roomCases, ...influxdbCases, ...ownCases];

/** Labels that a rule gives its alert. */
function labelsOf(alert: string): Readonly<Record<string, string>> {
  if (alert === "Watchdog") return { severity: "none", room: "prometheus" };
  if (alert === "TargetMissing") return { severity: "warning", room: "prometheus" };
  for (const { room, alerts } of watched) {
    const found = alerts.find(({ name }) => name === alert);
    if (found) return { severity: found.severity, room };
  }
  throw new Error(`no room has an alert called ${alert}`);
}

function expected({ alert, fires }: AlertCase) {
  if (!fires) return [];
  const runbook_url = `docs/runbooks/${alert}.md`;
  return [
    {
      exp_labels: { ...labelsOf(alert), ...fires.labels },
      exp_annotations: { summary: fires.summary, runbook_url },
    },
  ];
}

/** A case as promtool takes it. */
function renderTest(of: AlertCase) {
  const input_series = Object.entries(of.series).map(([series, values]) => ({ series, values }));
  const eval_time = `${of.minute}m`;
  return {
    name: `${of.alert}: ${of.when}`,
    interval: "1m",
    input_series,
    alert_rule_test: [{ alertname: of.alert, eval_time, exp_alerts: expected(of) }],
  };
}

/** What the runbooks have people ask Prometheus. */
function asked(): string[] {
  const folder = join(root, "docs/runbooks");
  const text = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
  const found = text.join("").matchAll(/^ *make query promql='(.*)'$/gm);
  return [...found].map(([, query = ""]) => query);
}

describe("alerts, as Prometheus evaluates them", () => {
  let programs: ProgramRoot;
  const at = (file: string) => join(programs.root, "etc", file);

  before(async function () {
    this.timeout(60_000);
    const found = await makeRoot("prometheus", ["promtool"]);
    if ("missing" in found) {
      console.log(`      skipped: ${found.missing}`);
      return this.skip();
    }
    programs = found;
    writeFileSync(at("rules.yml"), renderRules({ watched, certificates }));
  });

  it("are rules without a fault", () => {
    const check = ["check", "rules", "--lint=all", "--lint-fatal", at("rules.yml")];
    const { code, text } = programs.run("promtool", check);
    assert.equal(code, 0, text);
  });

  it("have runbooks whose questions Prometheus takes", () => {
    const rules = asked().map((expr, index) => ({ record: `asked:${index}`, expr }));
    assert.ok(rules.length > 20, `${rules.length} questions`);
    writeFileSync(at("asked.yml"), stringify({ groups: [{ name: "asked", rules }] }));
    const { code, text } = programs.run("promtool", ["check", "rules", at("asked.yml")]);
    assert.equal(code, 0, text);
  });

  it("are each tried both ways", () => {
    for (const name of alertNames.filter((one) => one !== "Watchdog")) {
      const tried = cases.filter(({ alert }) => alert === name);
      assert.ok(tried.some(({ fires }) => fires) && tried.some(({ fires }) => !fires), name);
    }
  });

  for (const [index, one] of cases.entries()) {
    it(`${one.alert} ${one.fires ? "fires" : "does not fire"}: ${one.when}`, () => {
      const file = at(`${index}.yml`);
      const test = {
        rule_files: ["rules.yml"],
        evaluation_interval: "1m",
        tests: [renderTest(one)],
      };
      writeFileSync(file, stringify(test, { lineWidth: 0 }));
      const { code, text } = programs.run("promtool", ["test", "rules", file]);
      assert.equal(code, 0, text);
    });
  }
});
