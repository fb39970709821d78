import assert from "node:assert/strict";
import { destroy } from "../../../sandbox/make/commands.ts";

describe("make destroy of a stack in a cloud", () => {
  const session = { stack: "prod", cluster: "cloud", environment: {}, ownsState: false } as const;

  for (const given of ["1", "dev", "PROD", "prod "]) {
    it(`fails when it is told ${JSON.stringify(given)} instead of the stack's name`, async () => {
      await assert.rejects(destroy(session, given), {
        message:
          `prod is not destroyed: got ${JSON.stringify(given)}; allowed: its name, ` +
          "as in make destroy stack=prod yes=prod",
      });
    });
  }
});
