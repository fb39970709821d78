import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
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

  /** Folders that the whole machine shares, as far as a test may touch them. */
  const machine = () => ({
    shims: join(root, "machine/shims"),
    networks: join(root, "machine/cni"),
  });

  afterEach(() => rmSync(root, { recursive: true }));

  /** Builds with a program each, as `up` makes them. */
  const toolBuilds = () => {
    file("k/kubernetes", "kubernetes");
    file("p/pulumi", "pulumi");
    file("h/pulumi-language-nodejs", "host");
    return {
      kubernetes: join(root, "k"),
      pulumi: join(root, "p"),
      languageHost: join(root, "h"),
    };
  };
  const tools = () =>
    readdirSync(paths.bin).map((name) => [name, readFileSync(join(paths.bin, name), "utf8")]);
  const all = [
    ["kubectl", "kubernetes"],
    ["pulumi", "pulumi"],
    ["pulumi-language-nodejs", "host"],
  ];

  it("gives the tools that PATH lacks, the language host beside Pulumi", () => {
    linkTools(paths, toolBuilds(), join(root, "nowhere"));
    assert.deepEqual(tools(), all);
  });

  it("gives the same again where its own folder is on PATH", () => {
    for (let round = 0; round < 2; round += 1) linkTools(paths, toolBuilds(), paths.bin);
    assert.deepEqual(tools(), all);
  });

  it("takes back what the machine has got itself since", () => {
    linkTools(paths, toolBuilds(), join(root, "nowhere"));
    file("own/kubectl");
    linkTools(paths, toolBuilds(), join(root, "own"));
    assert.deepEqual(tools(), all.slice(1));
    file("own/pulumi");
    linkTools(paths, toolBuilds(), join(root, "own"));
    assert.deepEqual(tools(), []);
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

  it("deletes what containers left behind, and nothing of anybody else's", () => {
    const ours = file("shims/ours.sock");
    const theirs = file("shims/theirs.sock");
    const task = "cache/sandbox/run/containerd/io.containerd.runtime.v2.task/k8s.io/abc123";
    file(`${task}/address`, `unix://${ours}`);
    file("machine/shims/runc/k8s.io/abc123/log");
    const kept = ["cni-loopback-fee-lo", "podman-fee-eth0"];
    const results = [
      // A container that has a task, one that died while containerd was away, and another's.
      ...["cni-loopback-abc123-lo", "web-greetings-abc123-eth0"],
      ...["cni-loopback-dead-lo", "web-greetings-dead-eth0"],
      ...kept,
    ];
    for (const name of results) file(`machine/cni/results/${name}`);
    removeContainerTraces(paths, machine());
    assert.deepEqual([existsSync(ours), existsSync(theirs)], [false, true]);
    assert.deepEqual(readdirSync(join(root, "machine/shims/runc/k8s.io")), []);
    assert.deepEqual(readdirSync(join(root, "machine/cni/results")).sort(), kept);
  });

  it("does nothing where no container has ever run", () => {
    removeContainerTraces(paths, machine());
    symlinkSync("/nowhere", join(root, "link"));
    assert.equal(pruneEmpty(root), false);
  });
});
