import assert from "node:assert/strict";
import { callAs } from "../../../../apps/consul-setup/src/call.ts";
import type { ConsulRequest } from "../../../../apps/shared/consul.ts";

/** Requests as Consul gets them, each answered with this body. */
function answering(body: string) {
  const asked: ConsulRequest[] = [];
  const send = async (request: ConsulRequest) => {
    asked.push(request);
    return { body, index: 0 };
  };
  return { asked, call: callAs({ send }, "a-token") };
}

describe("a request of the set-up", () => {
  it("carries the token and its body, and has ten seconds", async () => {
    const { asked, call } = answering("");
    await call("PUT", "/v1/acl/policy", { Name: "api" });
    const deadlineMs = 10_000;
    const request = { method: "PUT", path: "/v1/acl/policy", token: "a-token", deadlineMs };
    assert.deepEqual(asked, [{ ...request, body: { Name: "api" } }]);
  });

  it("gives the answer's JSON, and undefined where there is none", async () => {
    assert.deepEqual(await answering('[{"Name":"api"}]').call("GET", "/"), [{ Name: "api" }]);
    assert.equal(await answering("").call("PUT", "/"), undefined);
  });
});
