import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { urlsOf } from "../../../workloads/kit/webInterface.ts";
import { settle } from "../../mocks.ts";

describe("web interfaces", () => {
  it("are found by URLs inside the cluster", async () => {
    const endpoint = {
      host: pulumi.output("consul.consul.svc"),
      port: 8501,
      tls: true,
      accessLabels: {},
      server: { namespace: "consul", labels: {} },
    };
    const urls = urlsOf({ consul: { endpoint, path: "/ui/" } });
    assert.deepEqual(Object.keys(urls), ["consul"]);
    assert.equal(
      await settle(urls.consul ?? pulumi.output("")),
      "https://consul.consul.svc:8501/ui/",
    );
  });
});
