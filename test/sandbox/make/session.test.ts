import assert from "node:assert/strict";
import { locateCluster } from "../../../sandbox/make/session.ts";

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
});
