import assert from "node:assert/strict";
import { run, settingsOf } from "./program.ts";

describe("the whole program, refused", () => {
  const cases: [string, Record<string, unknown>, RegExp][] = [
    [
      "an AWS stack that names no account and no administrator",
      { target: "aws" },
      /^the settings have 2 faults:\n {2}web-greetings:allowedAccounts: got \[\]; .+\n {2}web-greetings:clusterAdmins: got \[\]; /,
    ],
    [
      "an unknown key",
      { ...settingsOf("dev"), partitions: 3 },
      /^the settings have 1 fault:\n {2}web-greetings:partitions: got 3; no such setting; allowed: /,
    ],
    [
      "a context that the kubeconfig has not got",
      { ...settingsOf("dev"), context: "sandbox" },
      /^no context "sandbox" in your kubeconfig; it has: minikube; start the cluster, /,
    ],
  ];
  for (const [name, settings, message] of cases) {
    it(`fails with ${name}, before any resource`, async () => {
      let error: unknown;
      await run(settings).catch((caught: unknown) => {
        error = caught;
      });
      assert.ok(error instanceof Error, "it was not refused");
      assert.match(error.message, message);
    });
  }
});
