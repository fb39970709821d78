import assert from "node:assert/strict";
import {
  dashboard,
  graph,
  type Limits,
  number,
  type Panel,
  promql,
} from "../../../workloads/kit/dashboard.ts";
import { costs } from "../../../workloads/kit/dashboardPanels.ts";
import { panelsOf } from "../grafana/dashboards.ts";

const base = {
  title: "Mills",
  description: "Mills that turn.",
  unit: "count",
  queries: [promql("sum(mill_turns)")],
} as const;

/** What Grafana makes of rows of panels. */
function built(rows: Readonly<Record<string, readonly Panel[]>>) {
  const made = dashboard({ folder: "Mill", uid: "mill", title: "The mill", rows });
  return { ...made, model: JSON.parse(made.json), panels: panelsOf(made) };
}

/** Colours of a number's steps, each from its value on. */
function stepsOf(limits?: Limits): unknown {
  const [panel] = built({
    all: [number({ ...base, ...(limits ? { limits } : {}) })],
  }).model.panels.slice(1);
  return panel.fieldConfig.defaults.thresholds.steps.map(
    ({ value, color }: Record<string, unknown>) => [value, color],
  );
}

describe("a dashboard", () => {
  it("shows the last hour, anew each 30 s, and is changed by nobody", () => {
    const { folder, uid, model } = built({ "Does it turn?": [number(base)] });
    assert.deepEqual([folder, uid], ["Mill", "mill"]);
    const { title, editable, time, refresh, tags, schemaVersion } = model;
    assert.deepEqual(
      { uid: model.uid, title, editable, time, refresh, tags, schemaVersion },
      {
        uid: "mill",
        title: "The mill",
        editable: false,
        time: { from: "now-1h", to: "now" },
        refresh: "30s",
        tags: ["web-greetings"],
        schemaVersion: 42,
      },
    );
  });

  it("has a row for each question, and numbers for all of them", () => {
    const { model } = built({ one: [number(base)], two: [graph(base), number(base)] });
    assert.deepEqual(
      model.panels.map(({ id, type, title }: Record<string, unknown>) => [id, type, title]),
      [
        [1, "row", "one"],
        [2, "stat", "Mills"],
        [3, "row", "two"],
        // Numbers come first.
        [4, "stat", "Mills"],
        [5, "timeseries", "Mills"],
      ],
    );
  });

  it("fills its lines: up to six numbers, up to two graphs", () => {
    const widths = (numbers: number, graphs: number) =>
      built({
        all: [
          ...Array.from({ length: numbers }, () => number(base)),
          ...Array.from({ length: graphs }, () => graph(base)),
        ],
      }).panels.map(({ gridPos }) => `${gridPos.w}@${gridPos.y}`);
    assert.deepEqual(widths(1, 1), ["24@1", "24@5"]);
    assert.deepEqual(widths(5, 0), ["5@1", "5@1", "5@1", "5@1", "4@1"]);
    assert.deepEqual(widths(7, 0), ["6@1", "6@1", "6@1", "6@1", "8@5", "8@5", "8@5"]);
    assert.deepEqual(widths(0, 3), ["12@1", "12@1", "24@9"]);
  });

  it("asks Prometheus for what a line is, by a letter", () => {
    const queries = [promql("a"), promql("b", "{{pod}}", 60)] as const;
    const [panel] = built({ all: [graph({ ...base, queries })] }).panels;
    const common = { datasource: { type: "prometheus", uid: "prometheus" } };
    assert.deepEqual(panel?.targets, [
      {
        ...common,
        refId: "A",
        expr: "a",
        legendFormat: "",
        interval: "15s",
        range: true,
        instant: false,
      },
      {
        ...common,
        refId: "B",
        expr: "b",
        legendFormat: "{{pod}}",
        interval: "60s",
        range: true,
        instant: false,
      },
    ]);
    assert.equal(panel?.datasource?.uid, "prometheus");
  });

  it("colours numbers by their limits, on either side", () => {
    assert.deepEqual(stepsOf(), [[null, "text"]]);
    assert.deepEqual(stepsOf({ worse: "above", bad: 3 }), [
      [null, "green"],
      [3, "red"],
    ]);
    assert.deepEqual(stepsOf({ worse: "above", worrying: 2, bad: 3 }), [
      [null, "green"],
      [2, "orange"],
      [3, "red"],
    ]);
    assert.deepEqual(stepsOf({ worse: "below", bad: 1 }), [
      [null, "red"],
      [1, "green"],
    ]);
    assert.deepEqual(stepsOf({ worse: "below", worrying: 3, bad: 2 }), [
      [null, "red"],
      [2, "orange"],
      [3, "green"],
    ]);
  });

  it("draws limits into graphs, and ends the axis where it is told to", () => {
    const [plain, limited] = built({
      all: [graph(base), graph({ ...base, max: 1, limits: { worse: "above", bad: 1 } })],
    }).model.panels.slice(1);
    const styleOf = ({ fieldConfig }: typeof plain) =>
      fieldConfig.defaults.custom.thresholdsStyle.mode;
    assert.deepEqual([styleOf(plain), styleOf(limited)], ["off", "dashed"]);
    const { min, max } = limited.fieldConfig.defaults;
    assert.deepEqual([min, max, plain.fieldConfig.defaults.max], [0, 1, undefined]);
  });
});

describe("the costs of a room", () => {
  it("are of its namespace alone, by the page that has containers everywhere", () => {
    const exprs = built({ all: costs("mills") }).panels.flatMap(({ targets = [] }) =>
      targets.map(({ expr }) => expr),
    );
    assert.deepEqual(exprs, [
      'container_memory_working_set_bytes{job="kubelet-resource",namespace="mills"}' +
        " / on (namespace, pod, container) max by (namespace, pod, container)" +
        ' (kube_pod_container_resource_limits{namespace="mills",resource="memory"})',
      "sum by (pod) (rate(container_cpu_usage_seconds_total" +
        '{job="kubelet-resource",namespace="mills"}[$__rate_interval]))',
    ]);
  });
});
