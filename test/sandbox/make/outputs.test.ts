import assert from "node:assert/strict";
import { formatOutputs, pickOutput } from "../../../sandbox/make/outputs.ts";

const outputs = { urls: { web: "http://10.0.0.1:30000" }, context: "minikube" };

describe("outputs", () => {
  it("are picked by a dotted path", () => {
    assert.equal(pickOutput(outputs, "urls.web"), "http://10.0.0.1:30000");
    assert.equal(pickOutput(outputs, "context"), "minikube");
    assert.equal(pickOutput(outputs, "urls"), '{\n  "web": "http://10.0.0.1:30000"\n}');
  });

  it("fails when there is no such output, saying what there is", () => {
    assert.throws(() => pickOutput(outputs, "urls.ui"), {
      message: 'no output "urls.ui": at ui there is web',
    });
    assert.throws(() => pickOutput(outputs, "context.x"), {
      message: 'no output "context.x": at x there is nothing below it',
    });
  });

  it("fails before the first up, saying so", () => {
    assert.throws(() => pickOutput({}, "urls.web"), {
      message: 'no output "urls.web": the stack is not up; run `make up`',
    });
  });

  it("are shown a group a paragraph, and by their names where they have many lines", () => {
    assert.equal(
      formatOutputs({ ...outputs, ca: "-----BEGIN\n-----END\n", kubeconfig: "" }),
      "urls\n  web        http://10.0.0.1:30000\ncontext      minikube\n" +
        "ca           make -s output name=ca",
    );
  });
});
