import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { locateCluster, openSession } from "../../../sandbox/make/session.ts";
import { sandboxPaths } from "../../../sandbox/paths.ts";

const minikube = new Set(["minikube"]);

describe("session", () => {
  const cases: [string, string, ReadonlySet<string>, string][] = [
    [
      "a context that is there",
      "config:\n  web-greetings:context: minikube\n",
      minikube,
      "context",
    ],
    ["the default context", "", minikube, "context"],
    ["a context that is not there", "", new Set(), "sandbox"],
    ["a cloud", "config:\n  web-greetings:target: aws\n", minikube, "cloud"],
  ];
  for (const [name, text, contexts, expected] of cases) {
    it(`finds the cluster of a stack with ${name}`, () => {
      assert.equal(locateCluster(text, contexts), expected);
    });
  }

  it("in one's own shell is the same again, and does not take its script for Pulumi", () => {
    const before = { ...process.env };
    const cache = mkdtempSync(join(tmpdir(), "session-"));
    try {
      // A kubeconfig without contexts, so that the dev stack is the sandbox's.
      process.env.KUBECONFIG = join(cache, "none");
      process.env.XDG_CACHE_HOME = cache;
      process.env.PATH = "/usr/bin:/bin";
      const paths = sandboxPaths();
      mkdirSync(paths.bin, { recursive: true });
      writeFileSync(join(paths.bin, "pulumi"), "", { mode: 0o755 });
      const first = openSession("dev");
      const script = () => readFileSync(join(paths.state, "shims", "pulumi"), "utf8");
      assert.ok(script().includes(`real='${join(paths.bin, "pulumi")}'`));
      const written = script();
      Object.assign(process.env, first.environment);
      const second = openSession("dev");
      assert.equal(script(), written);
      const [shims] = second.environment.PATH?.split(":") ?? [];
      assert.equal(shims, join(paths.state, "shims"));
      assert.equal(second.environment.PATH?.split(":").filter((each) => each === shims).length, 1);
    } finally {
      for (const key of Object.keys(process.env)) delete process.env[key];
      Object.assign(process.env, before);
      rmSync(cache, { recursive: true });
    }
  });
});
