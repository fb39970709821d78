import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportInstances, readInstances } from "../../../../apps/edge-agent/src/upstream.ts";
import { Registry } from "../../../../apps/shared/metrics-server.ts";
import { NO_INSTANCE, renderFirst } from "../../../../workloads/edge/nginx.ts";
import { fill } from "../../../workloads/edge/fill.ts";

describe("the instances that the edge knows", () => {
  const folder = mkdtempSync(join(tmpdir(), "edge-upstream-"));
  const file = join(folder, "candidate.conf");

  after(() => rmSync(folder, { recursive: true }));

  const all = [8081, 8082, 8083];
  for (const count of [0, 1, 3]) {
    it(`are ${count} where consul-template wrote down so many`, async () => {
      writeFileSync(file, fill(all.slice(0, count)));
      assert.equal(await readInstances(file), count);
    });
  }

  it("are none in the configuration that nginx starts with, and where there is none", async () => {
    assert.ok(renderFirst().startsWith(`${NO_INSTANCE}\n`));
    writeFileSync(file, renderFirst());
    assert.equal(await readInstances(file), 0);
    assert.equal(await readInstances(join(folder, "none")), 0);
    writeFileSync(file, "");
    assert.equal(await readInstances(file), 0);
  });

  it("are a metric, read anew whenever it is asked for", async () => {
    const registry = new Registry();
    exportInstances(file, registry);
    const lines = async () => (await registry.metrics()).split("\n");
    writeFileSync(file, fill(all));
    assert.ok((await lines()).includes("edge_upstream_instances 3"));
    writeFileSync(file, fill([]));
    assert.ok((await lines()).includes("edge_upstream_instances 0"));
  });
});
