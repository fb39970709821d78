import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { addresses } from "../../../../sandbox/addresses.ts";
import { sandboxPaths } from "../../../../sandbox/paths.ts";
import { type EngineRun, type Live, requireLive, Scratch } from "../../harness.ts";

const REGISTRY = `http://${addresses.registry}`;
const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
const REPOSITORY = `live/${randomBytes(6).toString("hex")}`;
const NAME = `${addresses.registry}/${REPOSITORY}:1`;

describe("docker plugin: an image from its source to the registry", function () {
  this.timeout(300_000);
  let live: Live;
  let scratch: Scratch;
  let socket: string;
  // Every reference that was pushed, for the tidying up.
  const references = new Set<string>();
  const hostBefore = process.env.DOCKER_HOST;

  before(async function () {
    live = requireLive(this);
    const own = join(sandboxPaths().run, "docker.sock");
    const given = process.env.DOCKER_HOST?.replace("unix://", "");
    socket = given ?? (existsSync(own) ? own : "/var/run/docker.sock");
    if (!existsSync(socket)) {
      console.warn(`      skipped: no docker engine at ${socket}; run make sandbox-up`);
      this.skip();
    }
    process.env.DOCKER_HOST = `unix://${socket}`;
    scratch = await Scratch.create("plugin-docker", live);
    mkdirSync(join(scratch.folder, "project", "app"));
    write("Dockerfile", "FROM scratch\nARG WORD\nCOPY a.txt /\nLABEL word=$WORD\n");
    write("a.txt", "1");
    write(".dockerignore", "*.log\n");
  });

  after(async () => {
    await scratch?.dispose();
    if (hostBefore === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = hostBefore;
  });

  const write = (path: string, content: string): void => {
    writeFileSync(join(scratch.folder, "project", "app", path), content);
  };
  const program = (word: string, more = "") => `
    const docker = require("@pulumi/docker");
    const image = new docker.Image("image", {
      imageName: "${NAME}", build: { context: "app", args: { WORD: "${word}" } }, ${more}
    });
    image.repoDigest.apply((digest) => require("node:fs").writeFileSync("told", digest));`;
  const told = (): string => readFileSync(join(scratch.folder, "project", "told"), "utf8");
  const run = async (text: string): Promise<EngineRun> => {
    const result = await scratch.apply(text);
    references.add(told());
    return result;
  };
  // What the registry has under the tag; undefined where it has nothing.
  const pushed = async (): Promise<string | undefined> => {
    const url = `${REGISTRY}/v2/${REPOSITORY}/manifests/1`;
    const response = await fetch(url, { headers: { accept: MANIFEST } });
    return response.ok ? (response.headers.get("docker-content-digest") ?? undefined) : undefined;
  };

  it("builds and pushes nothing in a preview", async () => {
    await scratch.write(program("one"));
    const plan = await scratch.preview();
    assert.equal(plan.code, 0, plan.stdout + plan.stderr);
    assert.deepEqual(plan.changes, { create: 2 });
    assert.equal(await pushed(), undefined);
  });

  it("builds, pushes, and gives the digest that the registry has", async () => {
    assert.deepEqual((await run(program("one"))).changes, { create: 2 });
    assert.equal(told(), `${addresses.registry}/${REPOSITORY}@${await pushed()}`);
  });

  it("builds nothing where the source is the same, whatever is ignored", async () => {
    write("noise.log", "changed");
    assert.deepEqual((await scratch.up("--expect-no-changes")).changes, { same: 2 });
    const refreshed = await scratch.refresh("--expect-no-changes");
    assert.equal(refreshed.code, 0, refreshed.stdout);
  });

  it("builds anew when a file or a build argument changes", async () => {
    const first = told();
    write("a.txt", "2");
    assert.deepEqual((await run(program("one"))).changes, { update: 1, same: 1 });
    const second = told();
    assert.notEqual(second, first);
    assert.deepEqual((await run(program("two"))).changes, { update: 1, same: 1 });
    assert.notEqual(told(), second);
    assert.equal(told(), `${addresses.registry}/${REPOSITORY}@${await pushed()}`);
  });

  it("keeps the registry's password out of the state and the output", async () => {
    const password = randomBytes(12).toString("hex");
    const registry = `registry: { username: "me", password: "${password}" },`;
    const { stdout, stderr } = await run(program("three", registry));
    assert.ok(!`${await scratch.export()}${stdout}${stderr}`.includes(password), "in clear");
  });

  it("fails with what the build printed, and carries on once it is mended", async () => {
    write("Dockerfile", "FROM scratch\nCOPY missing.txt /\n");
    await scratch.write(program("three"));
    const broken = await scratch.up();
    assert.notEqual(broken.code, 0);
    assert.match(broken.stdout, new RegExp(`build of ${NAME} failed: .*missing.txt`));
    write("Dockerfile", "FROM scratch\nCOPY a.txt /\n");
    assert.deepEqual((await run(program("three"))).changes, { update: 1, same: 1 });
  });

  it("leaves the image in the registry when it is deleted, as the real plugin does", async () => {
    const { code, stdout } = await scratch.destroy();
    assert.equal(code, 0, stdout);
    const digest = await pushed();
    assert.equal(told(), `${addresses.registry}/${REPOSITORY}@${digest}`);
    // The test tidies up what the plugin leaves.
    for (const reference of references) {
      const url = `${REGISTRY}/v2/${REPOSITORY}/manifests/${reference.split("@")[1]}`;
      assert.equal((await fetch(url, { method: "DELETE" })).status, 202);
    }
    for (const name of [NAME, ...references]) await removeFromEngine(socket, name);
    assert.equal(await pushed(), undefined);
  });
});

function removeFromEngine(socketPath: string, name: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method: "DELETE", path: `/images/${name}` }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode));
    });
    call.once("error", reject).end();
  });
}
