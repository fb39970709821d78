import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "../../../sandbox/make/session.ts";
import { kubernetesAlerts, ownAlerts } from "../../../workloads/prometheus/alerts.ts";
import { renderRules, runbookOf, type Watched } from "../../../workloads/prometheus/rules.ts";
import { fakeRoom } from "./fixture.ts";

const { alerts } = fakeRoom();
const mill: Watched = { room: "mill", jobs: ["mill", "sack"], alerts };

function groups(watched: readonly Watched[], certificates = {}) {
  return parse(renderRules({ watched, certificates })).groups;
}

describe("rules.yml", () => {
  it("has a group for each room: whether its jobs answer, and what it says itself", () => {
    const [, group] = groups([mill]);
    const missing = (job: string) => ({
      alert: "TargetMissing",
      expr: `up{job="${job}"} == 0 or absent(up{job="${job}"})`,
      for: "180s",
      labels: { severity: "warning", room: "mill", job },
      annotations: {
        summary:
          `{{ with $labels.instance }}{{ . }} of job ${job} does not answer Prometheus{{ else }}` +
          `Job ${job} has nothing that Prometheus could ask{{ end }}`,
        runbook_url: "docs/runbooks/TargetMissing.md",
      },
    });
    assert.deepEqual(group, {
      name: "mill",
      rules: [
        missing("mill"),
        missing("sack"),
        {
          alert: "MillStands",
          expr: "mill_turns == 0",
          for: "90s",
          labels: { severity: "critical", room: "mill" },
          annotations: {
            summary: "{{ $labels.pod }} stands",
            runbook_url: "docs/runbooks/MillStands.md",
          },
        },
      ],
    });
  });

  it("has an alert that always fires, even where nothing is watched over", () => {
    assert.deepEqual(groups([]), [
      {
        name: "watchdog",
        rules: [
          {
            alert: "Watchdog",
            expr: "vector(1)",
            labels: { severity: "none", room: "prometheus" },
            annotations: {
              summary: "Alerts are on their way: this one always is",
              runbook_url: "docs/runbooks/Watchdog.md",
            },
          },
        ],
      },
    ]);
  });

  it("says when certificates end", () => {
    const [, certificates] = groups([], { mill: "2027-01-01T00:00:00Z" });
    assert.deepEqual(certificates, {
      name: "certificates",
      rules: [
        {
          record: "certificate_end_seconds",
          expr: "vector(1798761600)",
          labels: { certificate: "mill" },
        },
      ],
    });
  });

  it("fails where a certificate ends at no time", () => {
    assert.throws(() => groups([], { mill: "soon" }), {
      message: 'certificate mill ends at "soon"; allowed: a time of RFC 3339',
    });
  });

  for (const [what, called, other] of [
    ["rooms", "mill", { ...mill, jobs: [], alerts: [] }],
    ["jobs", "sack", { ...mill, room: "other", jobs: ["sack"], alerts: [] }],
    ["alerts", "MillStands", { ...mill, room: "other", jobs: [] }],
    [
      "alerts",
      "Watchdog",
      { room: "other", jobs: [], alerts: alerts.map((one) => ({ ...one, name: "Watchdog" })) },
    ],
    [
      "alerts",
      "TargetMissing",
      { room: "other", jobs: [], alerts: alerts.map((one) => ({ ...one, name: "TargetMissing" })) },
    ],
  ] as const) {
    it(`fails with two ${what} called ${called}`, () => {
      assert.throws(() => groups([mill, other]), {
        message: `two ${what} are called ${called}; allowed: a name of its own for each`,
      });
    });
  }

  it("names a runbook that is there for each alert of its own", () => {
    const own = [...kubernetesAlerts, ...ownAlerts].map(({ name }) => name);
    for (const name of ["Watchdog", "TargetMissing", ...own]) {
      assert.ok(existsSync(join(root, runbookOf(name))), runbookOf(name));
    }
  });
});
