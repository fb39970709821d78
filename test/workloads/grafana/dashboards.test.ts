import assert from "node:assert/strict";
import { sources } from "../../../workloads/kit/dashboard.ts";
import { allDashboards, dashboardFiles, modelOf, panelsOf } from "./dashboards.ts";
import { type Check, dashboardCheck } from "./schema.ts";

/** The limit of a ConfigMap, keys and all. */
const CONFIG_MAP_BYTES = 1024 * 1024;

describe("all dashboards together", () => {
  const all = allDashboards();

  it("are one a file", () => assert.equal(all.length, dashboardFiles().length));

  it("have a folder, an address and a title of their own", () => {
    assert.deepEqual(
      all.map(({ folder, uid, json }) => [folder, uid, JSON.parse(json).title].join(" / ")).sort(),
      [
        "Consul / consul / Consul",
        "Edge / edge / Edge",
        "Greetings / greetings / API and Worker",
        "InfluxDB / hosts / Hosts",
        "Kafka / kafka / Kafka",
        "Kubernetes / kubernetes / Nodes and pods",
        "Stack / overview / Stack overview",
        "ZooKeeper / zookeeper / ZooKeeper",
      ],
    );
  });
});

describe("each dashboard", () => {
  let check: Check;

  before(() => {
    check = dashboardCheck();
  });

  for (const dashboard of allDashboards()) {
    describe(`the dashboard ${dashboard.uid}`, () => {
      const panels = panelsOf(dashboard);

      it("is one to the SDK's schema", () => assert.deepEqual(check(modelOf(dashboard)), []));

      it("fits into a ConfigMap, twice", () => {
        const bytes = Buffer.byteLength(dashboard.json);
        assert.ok(bytes < CONFIG_MAP_BYTES / 2, `${bytes} bytes`);
      });

      it("has panels that say in which unit, and what they mean", () => {
        const silent = panels.filter(({ description = "", fieldConfig }) => {
          return description === "" || !fieldConfig?.defaults.unit;
        });
        assert.deepEqual(silent, []);
        const titles = panels.map(({ title }) => title);
        assert.deepEqual(titles, [...new Set(titles)]);
      });

      it("asks data sources that there are, a panel one of them", () => {
        const uids = Object.values(sources).map(({ uid }) => uid as string);
        const asked = panels.map(({ datasource, targets = [] }) => [
          ...new Set([datasource?.uid, ...targets.map((target) => target.datasource.uid)]),
        ]);
        assert.deepEqual(
          asked.filter(([uid, ...more]) => more.length > 0 || !uids.includes(uid ?? "")),
          [],
        );
        assert.ok(panels.every(({ targets = [] }) => targets.length > 0));
      });

      it("asks by names that its panels' letters tell apart", () => {
        const letters = panels.map(({ targets = [] }) =>
          targets.map(({ refId }) => refId).join(""),
        );
        assert.deepEqual(
          letters.filter((text) => !"ABCDEF".startsWith(text)),
          [],
        );
      });

      it("fills its lines, and lays nothing over another", () => {
        const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
          Array.from({ length: w * h }, (_, of) => `${x + (of % w)} ${y + Math.floor(of / w)}`),
        );
        assert.equal(new Set(cells).size, cells.length);
        const widths = [...new Set(panels.map(({ gridPos }) => gridPos.y))].map((y) =>
          panels
            .filter(({ gridPos }) => gridPos.y === y)
            .reduce((sum, { gridPos }) => sum + gridPos.w, 0),
        );
        assert.deepEqual([...new Set(widths)], [24]);
      });
    });
  }
});
