import assert from "node:assert/strict";
import { inOneLine } from "../../../infra/aws/oneLine.ts";
import { failureOf } from "../../awsMocks.ts";
import { refusal } from "./recordAws.ts";

const token = "aws:route53/getZone:getZone";

describe("an answer of AWS, or one line", () => {
  const lineOf = (said: string): string => `no zone: ${said}; make one`;

  it("is what was given, where something was", async () => {
    assert.equal(await inOneLine(Promise.resolve("Z1"), lineOf), "Z1");
  });

  const failures: [string, string, string][] = [
    ["as engine and bridge wrap it", failureOf(token, "no such zone"), "no such zone"],
    ["in other words", "no such zone\n  at all", "no such zone at all"],
    [
      "with several reasons",
      `invoking ${token}: 2 errors occurred:\n\t* no such zone\n\t* nor another\n\n`,
      "no such zone; nor another",
    ],
  ];
  for (const [what, message, said] of failures) {
    it(`fails for an error ${what}, with what it says alone`, async () => {
      const asked = inOneLine(Promise.reject(new Error(message)), lineOf);
      await assert.rejects(asked, refusal(`no zone: ${said}; make one`));
    });
  }

  it("fails as it is when the engine goes away, which has said why", async () => {
    const gone = Object.assign(new Error("Resource monitor is terminating"), { code: 14 });
    await assert.rejects(inOneLine(Promise.reject(gone), lineOf), (error) => error === gone);
  });
});
