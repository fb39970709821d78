import assert from "node:assert/strict";
import { homedir } from "node:os";
import { cacheRoot, sandboxPaths } from "../../sandbox/paths.ts";

describe("paths", () => {
  it("follow XDG_CACHE_HOME where it is absolute", () => {
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "/large" }), "/large/web-greetings");
    const fallback = `${homedir()}/.cache/web-greetings`;
    assert.equal(cacheRoot({}), fallback);
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "" }), fallback);
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "relative" }), fallback);
  });

  it("keep what survives the cluster out of the cluster's folder", () => {
    const { builds, registry, docker, state, ...rest } = sandboxPaths("/cache");
    assert.deepEqual(
      [builds, registry, docker, state],
      ["/cache/builds", "/cache/registry", "/cache/docker", "/cache/sandbox"],
    );
    const { cache, ...inside } = rest;
    assert.equal(cache, "/cache");
    for (const path of Object.values(inside)) assert.ok(path.startsWith("/cache/sandbox/"), path);
  });
});
