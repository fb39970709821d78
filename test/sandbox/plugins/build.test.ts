import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type InstalledPlugin, installPlugins, PLUGINS } from "../../../sandbox/plugins/build.ts";

describe("installation of the stand-ins", function () {
  this.timeout(60_000);
  let home = "";
  let installed: readonly InstalledPlugin[] = [];

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "plugins-"));
    installed = await installPlugins(home);
  });

  after(async () => {
    await rm(home, { recursive: true });
  });

  it("puts each where the engine looks for the version of the SDK package", () => {
    const found = installed.map(({ name, version, executable, built }) => ({
      built,
      place:
        executable ===
        join(home, "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`),
    }));
    assert.deepEqual(
      installed.map(({ name }) => name),
      PLUGINS,
    );
    assert.deepEqual(
      found,
      PLUGINS.map(() => ({ built: true, place: true })),
    );
  });

  it("starts each, which prints its port", async () => {
    for (const { executable } of installed) {
      const child = spawn(executable, [], { stdio: ["ignore", "pipe", "inherit"] });
      const port = await new Promise<string>((resolve) => {
        child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()));
      });
      child.kill("SIGINT");
      assert.match(port, /^\d+\n$/);
      const signal = await new Promise((resolve) => child.once("exit", (_code, by) => resolve(by)));
      assert.equal(signal, "SIGINT");
    }
  });

  it("carries neither a compiler nor the whole SDK", async () => {
    for (const { executable } of installed) {
      const bundle = join(dirname(executable), "plugin.cjs");
      assert.equal((await stat(bundle)).size < 2_000_000, true, bundle);
      const found = await promisify(execFile)("grep", [
        "-c",
        "createSourceFile\\|LocalWorkspace",
        bundle,
      ])
        .then(() => true)
        .catch(() => false);
      assert.equal(found, false, bundle);
    }
  });

  it("leaves what is there already, and mends what is not whole", async () => {
    assert.deepEqual(
      (await installPlugins(home)).map(({ built }) => built),
      PLUGINS.map(() => false),
    );
    const [first] = installed;
    assert.ok(first);
    await rm(first.executable);
    await writeFile(`${dirname(first.executable)}.partial`, "");
    const mended = await installPlugins(home);
    assert.deepEqual(
      mended.map(({ built }) => built),
      PLUGINS.map((name) => name === first.name),
    );
    await assert.rejects(stat(`${dirname(first.executable)}.partial`), { code: "ENOENT" });
  });

  it("bundles another program in the place of one where it is told to", async () => {
    const other = join(home, "other.ts");
    await writeFile(other, 'console.log("another program" satisfies string);\n');
    const plugins = await installPlugins(home, { tls: other });
    assert.deepEqual(
      plugins.filter(({ built }) => built).map(({ name }) => name),
      ["tls"],
    );
    const tls = installed.find(({ name }) => name === "tls");
    const bundle = await readFile(join(dirname(tls?.executable ?? ""), "plugin.cjs"), "utf8");
    assert.match(bundle, /another program/);
  });

  it("leaves a real plugin alone", async () => {
    const [first] = installed;
    assert.ok(first);
    const folder = dirname(first.executable);
    await rm(folder, { recursive: true });
    await mkdir(folder);
    await writeFile(first.executable, "real");
    await installPlugins(home);
    assert.equal(await readFile(first.executable, "utf8"), "real");
  });
});
