import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type SandboxPaths, sandboxPaths } from "../../../sandbox/paths.ts";
import type { Request } from "../../../sandbox/policy/ask.ts";
import { installPolicy } from "../../../sandbox/policy/build.ts";
import { listen } from "../../../sandbox/policy/listen.ts";
import { type PolicyPlaces, policyPlaces } from "../../../sandbox/policy/places.ts";

describe("installation of the network policies", function () {
  this.timeout(60_000);
  let paths: SandboxPaths;
  let places: PolicyPlaces;
  let machinePlugins: string;

  const install = () => installPolicy(paths, machinePlugins);

  before(async () => {
    paths = sandboxPaths(mkdtempSync(join(tmpdir(), "policy-")));
    places = policyPlaces(paths);
    machinePlugins = join(paths.cache, "machine");
    mkdirSync(machinePlugins);
    for (const name of ["bridge", "host-local"]) writeFileSync(join(machinePlugins, name), "");
    await install();
  });
  after(() => rmSync(paths.cache, { recursive: true }));

  it("puts the machine's CNI plugins beside its own", () => {
    assert.deepEqual(readdirSync(places.plugins).sort(), [
      "bridge",
      "host-local",
      "sandbox-policy",
    ]);
    assert.equal(readlinkSync(join(places.plugins, "bridge")), join(machinePlugins, "bridge"));
    assert.equal(statSync(join(places.plugins, "sandbox-policy")).mode & 0o777, 0o755);
  });

  it("changes nothing that is there already", async () => {
    const files = [places.node, places.program, places.plugin, join(places.plugins, "bridge")];
    const inodes = () => files.map((file) => statSync(file).ino);
    const before = inodes();
    await install();
    assert.deepEqual(inodes(), before);
    writeFileSync(places.plugin, "half");
    await install();
    assert.ok(statSync(places.plugin).size > 1000);
  });

  it("keeps Node.js where a new installation of packages does not reach it", () => {
    assert.equal(statSync(places.node).size, statSync(process.execPath).size);
  });

  it("has a plugin that asks over the socket and is quick", async () => {
    const requests: Request[] = [];
    const server = await listen(places.socket, async (request) => void requests.push(request));
    const prevResult = { cniVersion: "1.0.0", ips: [{ address: "10.201.0.2/16" }] };
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const begin = performance.now();
      const child = spawn(join(places.plugins, "sandbox-policy"), [], {
        env: {
          PATH: process.env.PATH,
          CNI_COMMAND: "ADD",
          CNI_CONTAINERID: "c1",
          CNI_ARGS: "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=db;K8S_POD_UID=u1",
        },
        stdio: ["pipe", "pipe", "inherit"],
      });
      child.stdin.end(JSON.stringify({ cniVersion: "1.0.0", socket: places.socket, prevResult }));
      const output = await text(child.stdout);
      if (child.exitCode === null) await once(child, "exit");
      times.push(performance.now() - begin);
      assert.equal(child.exitCode, 0);
      assert.deepEqual(JSON.parse(output), prevResult);
    }
    server.close();
    const binding = {
      container: "c1",
      address: "10.201.0.2",
      namespace: "shop",
      name: "db",
      uid: "u1",
    };
    assert.deepEqual(requests[0], { command: "add", binding });
    const median = times.toSorted((a, b) => a - b)[2] ?? 0;
    console.log(`        ${Math.round(median)} ms, the median of five`);
    assert.ok(median < 1000, `${median} ms`);
  });
});
