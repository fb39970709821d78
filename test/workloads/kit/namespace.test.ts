import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { createNamespace } from "../../../workloads/kit/namespace.ts";
import { record } from "../../mocks.ts";
import { fakePlatform, inputsOf } from "../rooms.ts";

/** What a namespace says of the security of its pods. */
async function securityOf(level: "restricted" | "privileged" | undefined) {
  const resources = await record(() => {
    const room = new pulumi.ComponentResource("test:room:Room", "room");
    const args = { platform: fakePlatform(), holdsData: false, ...(level ? { level } : {}) };
    createNamespace("shop", args, room);
  });
  const { labels } = inputsOf(resources, "Namespace", "shop").metadata;
  return Object.entries(labels).filter(([label]) => label.startsWith("pod-security."));
}

describe("a room's namespace", () => {
  for (const [wished, level] of [
    [undefined, "restricted"],
    ["restricted", "restricted"],
    ["privileged", "privileged"],
  ] as const) {
    it(`keeps its pods to ${level} where it is told ${wished ?? "nothing"}`, async () => {
      assert.deepEqual(await securityOf(wished), [
        ["pod-security.kubernetes.io/enforce", level],
        ["pod-security.kubernetes.io/enforce-version", "latest"],
        ["pod-security.kubernetes.io/warn", level],
      ]);
    });
  }
});
