import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sandboxEnvironment } from "../../sandbox/environment.ts";
import { type SandboxPaths, sandboxPaths } from "../../sandbox/paths.ts";
import { buildArguments, buildKey, builds } from "../../sandbox/toolchain.ts";
import { linkTools } from "../../sandbox/tools.ts";
import { pruneEmpty, removeContainerTraces } from "../../sandbox/trace.ts";

describe("files of the sandbox", () => {
  let root: string;
  let paths: SandboxPaths;

  const file = (path: string, text = ""): string => {
    const full = join(root, path);
    mkdirSync(join(full, ".."), { recursive: true });
    writeFileSync(full, text);
    return full;
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "files-"));
    paths = sandboxPaths(join(root, "cache"));
  });

  afterEach(() => rmSync(root, { recursive: true }));

  it("gives the tools that PATH lacks, the language host beside Pulumi", () => {
    file("p/pulumi", "pulumi");
    file("h/pulumi-language-nodejs", "host");
    const folders = { pulumi: join(root, "p"), languageHost: join(root, "h") };
    linkTools(paths, folders, join(root, "nowhere"));
    assert.deepEqual(readdirSync(paths.bin).sort(), [
      "kubectl",
      "pulumi",
      "pulumi-language-nodejs",
    ]);
    assert.equal(readlinkSync(join(paths.bin, "kubectl")), join(paths.components, "kubectl"));
    assert.equal(readFileSync(join(paths.bin, "pulumi"), "utf8"), "pulumi");
  });

  it("takes back what the machine has got itself since", () => {
    file("p/pulumi");
    file("h/pulumi-language-nodejs");
    const folders = { pulumi: join(root, "p"), languageHost: join(root, "h") };
    linkTools(paths, folders, join(root, "nowhere"));
    file("own/kubectl");
    file("own/pulumi");
    linkTools(paths, folders, join(root, "own"));
    assert.deepEqual(readdirSync(paths.bin), []);
  });

  it("puts the sandbox's tools last on PATH, and names its engine only where it has one", () => {
    assert.deepEqual(sandboxEnvironment(paths, "/usr/bin"), {
      PATH: `/usr/bin:${paths.bin}`,
      KUBECONFIG: paths.kubeconfig,
      PULUMI_HOME: paths.pulumi,
    });
    file("cache/sandbox/run/docker.sock");
    const { DOCKER_HOST } = sandboxEnvironment(paths, "");
    assert.equal(DOCKER_HOST, `unix://${paths.run}/docker.sock`);
  });

  it("keys a build by its sources, its arguments and the version of Go", () => {
    const folder = join(root, "module");
    file("module/go.mod", "module m");
    file("module/cmd/main.go", "package main");
    const key = () => buildKey(folder, builds.kubernetes, "go1.26");
    const first = key();
    assert.equal(key(), first);
    file("module/cmd/main.go", "package main // changed");
    const keys = [first, key(), buildKey(folder, builds.pulumi, "go1.26")];
    keys.push(buildKey(folder, builds.kubernetes, "go1.27"));
    assert.equal(new Set(keys).size, keys.length);
  });

  it("tells every program its version", () => {
    assert.deepEqual(buildArguments(builds["pulumi-language-nodejs"], "/out").slice(-4), [
      "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.60.0",
      "-o",
      "/out/",
      "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    ]);
    // What the linker is told has to be what go.mod asks for.
    for (const [name, { set }] of Object.entries(builds)) {
      const required = readFileSync(join("sandbox/toolchain", name, "go.mod"), "utf8");
      const versions = Object.values(set).filter((value) => value.startsWith("v"));
      for (const version of versions) assert.ok(required.split(/\s/).includes(version), version);
    }
  });

  it("deletes empty folders only", () => {
    mkdirSync(join(root, "empty/a/b"), { recursive: true });
    file("kept/a/b/file");
    mkdirSync(join(root, "kept/c"), { recursive: true });
    assert.equal(pruneEmpty(join(root, "empty")), true);
    assert.equal(pruneEmpty(join(root, "kept")), false);
    assert.deepEqual(
      [existsSync(join(root, "empty")), existsSync(join(root, "kept/a/b/file"))],
      [false, true],
    );
    assert.equal(existsSync(join(root, "kept/c")), false);
  });

  it("deletes the socket of a container's shim, and of no other", () => {
    const ours = file("shims/ours.sock");
    const theirs = file("shims/theirs.sock");
    const task = "cache/sandbox/run/containerd/io.containerd.runtime.v2.task/k8s.io/abc123";
    file(`${task}/address`, `unix://${ours}`);
    removeContainerTraces(paths);
    assert.deepEqual([existsSync(ours), existsSync(theirs)], [false, true]);
  });

  it("does nothing where no container has ever run", () => {
    removeContainerTraces(paths);
    symlinkSync("/nowhere", join(root, "link"));
    assert.equal(pruneEmpty(root), false);
  });
});
