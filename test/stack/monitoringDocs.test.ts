import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import type { Recorded } from "../mocks.ts";
import { run, settingsOf } from "./program.ts";

const file = resolve(__dirname, "../../docs/monitoring.md");

/** A rule as Prometheus reads it; without `alert` it notes a number. */
interface Rule {
  readonly alert?: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: { readonly runbook_url: string };
}

/** The first columns of the table under a heading of docs/monitoring.md, a line each. */
function rowsUnder(heading: string, columns: number): string[] {
  const text = readFileSync(file, "utf8");
  const section = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) => {
    const cells = row.split("|").slice(0, columns + 1);
    return `${cells.join("|")}|`;
  });
}

function rulesOf(resources: readonly Recorded[]): Rule[] {
  const files = resources.map(({ inputs }) => inputs.data as Record<string, string> | undefined);
  const rules = files.map((of) => of?.["rules.yml"]).find((text) => text !== undefined);
  assert.ok(rules, "no rules.yml is there");
  const { groups } = parse(rules) as { readonly groups: readonly { readonly rules: Rule[] }[] };
  return groups.flatMap(({ rules: of }) => of).filter(({ alert }) => alert !== undefined);
}

const waits = (time = "0s") => (time === "0s" ? "at once" : time.replace(/s$/, " s"));

/** Rules as rows: what every room has alike stands once, of no room. */
function alertRows(rules: readonly Rule[]): string[] {
  const rows = rules.map(({ alert, labels, annotations, ...rule }) => {
    const room = labels.job === undefined ? labels.room : "each";
    const link = annotations.runbook_url.replace(/^docs\//, "");
    return `| [${alert}](${link}) | ${labels.severity} | ${room} | ${waits(rule.for)} |`;
  });
  return [...new Set(rows)];
}

/** Rooms with their jobs; each job has a rule that says when it has no target. */
function jobRows(rules: readonly Rule[]): string[] {
  const rooms = new Map<string, string[]>();
  for (const { labels } of rules) {
    const { room = "", job } = labels;
    if (job !== undefined) rooms.set(room, [...(rooms.get(room) ?? []), job]);
  }
  return [...rooms].map(([room, jobs]) => {
    return `| ${room} | ${jobs.map((job) => `\`${job}\``).join(", ")} |`;
  });
}

describe("docs/monitoring.md", () => {
  let rules: Rule[];
  before(async () => {
    const { resources } = await run(settingsOf("dev"));
    rules = rulesOf(resources);
  });

  it("lists exactly the alerts of the whole program, each with its runbook", () => {
    assert.deepEqual(rowsUnder("Alerts", 4).toSorted(), alertRows(rules).toSorted());
  });

  it("lists exactly the jobs of each room", () => {
    assert.deepEqual(rowsUnder("What is watched", 2).toSorted(), jobRows(rules).toSorted());
  });
});
