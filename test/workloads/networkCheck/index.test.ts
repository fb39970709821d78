import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { NetworkCheck } from "../../../workloads/networkCheck/index.ts";
import { type Recorded, record, settle } from "../../mocks.ts";
import { fakePlatform, inputsOf, objectsIn } from "../rooms.ts";

describe("the network check", () => {
  let resources: readonly Recorded[] = [];
  let result = "";
  before(async () => {
    resources = await record(async () => {
      const check = new NetworkCheck("network-check", { platform: fakePlatform() });
      result = await settle(check.result);
    });
  });
  const pod = (part: string) => inputsOf(resources, "Pod", `network-check-${part}`);
  const policy = (part: string) =>
    inputsOf(resources, "NetworkPolicy", `network-check-${part}`).spec;

  it("is two pods with their policies in a namespace of their own", () => {
    assert.deepEqual(objectsIn(resources, "network-check"), [
      "NetworkPolicy network-check-default",
      "NetworkPolicy network-check-listener",
      "NetworkPolicy network-check-prober",
      "Pod network-check-listener",
      "Pod network-check-prober",
      "ServiceAccount network-check-listener",
      "ServiceAccount network-check-prober",
    ]);
    assert.deepEqual(objectsIn(resources, ""), ["Namespace network-check"]);
  });

  it("opens one port in both directions, and of the others one each in one direction alone", () => {
    const [ingress, ...moreIngress] = policy("listener").ingress;
    const numbers = ({ ports }: { ports: { port: number }[] }) => ports.map(({ port }) => port);
    assert.deepEqual([numbers(ingress), moreIngress], [[8080, 8082], []]);
    assert.deepEqual(policy("prober").egress.map(numbers), [[8080], [8081]]);
    assert.deepEqual([policy("listener").egress, policy("prober").ingress], [[], []]);
  });

  it("makes the prober after the listener, for that one's address, and waits for its end", () => {
    const { metadata, spec } = pod("prober");
    assert.deepEqual(metadata.annotations, {
      "pulumi.com/waitFor": "jsonpath={.status.phase}=Succeeded",
    });
    assert.equal(metadata.labels["access.web-greetings/network-check"], "true");
    assert.deepEqual(spec.containers[0].args, ["try", "not-known-yet"]);
    assert.deepEqual(pod("listener").spec.containers[0].args, ["serve"]);
  });

  it("tells both the ports, and kubelet which one says that the listener is ready", () => {
    for (const part of ["listener", "prober"]) {
      assert.deepEqual(pod(part).spec.containers[0].env, [
        { name: "OPEN_PORT", value: "8080" },
        { name: "CLOSED_PORTS", value: "8081,8082" },
      ]);
    }
    const [listener] = pod("listener").spec.containers;
    assert.deepEqual(listener.readinessProbe.tcpSocket, { port: "open" });
    assert.equal(listener.ports[0].name, "open");
  });

  it("says that it has not run where there is no status", () => {
    assert.equal(result, "not tried: the check has not run yet");
  });
});

describe("the network check on a cluster", () => {
  /** Runs it where the listener has an address and the prober has ended with these words. */
  async function check(message: string) {
    const args: unknown[] = [];
    const status = {
      podIP: "10.0.0.7",
      containerStatuses: [{ state: { terminated: { message } } }],
    };
    await pulumi.runtime.setMocks({
      newResource: ({ type, name, inputs }) => {
        if (type.endsWith(":Pod")) args.push(inputs.spec.containers[0].args);
        return { id: name, state: { ...inputs, metadata: { name, ...inputs.metadata }, status } };
      },
      call: ({ inputs }) => inputs,
    });
    const warnings: string[] = [];
    const { warn } = pulumi.log;
    pulumi.log.warn = async (text) => {
      warnings.push(text);
    };
    try {
      const { result } = new NetworkCheck("network-check", { platform: fakePlatform() });
      const text = await settle(result);
      await pulumi.runtime.disconnect();
      return { text, warnings, args };
    } finally {
      pulumi.log.warn = warn;
    }
  }

  it("hands out the prober's words, and the listener's address to the prober", async () => {
    const { text, warnings, args } = await check("enforced");
    assert.deepEqual([text, warnings], ["enforced", []]);
    assert.deepEqual(args, [["serve"], ["try", "10.0.0.7"]]);
  });

  it("warns where nothing is enforced, and names the flag that helps", async () => {
    const { text, warnings } = await check("NOT ENFORCED");
    assert.equal(text, "NOT ENFORCED");
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /NOT ENFORCED.*`minikube start --cni=calico`$/);
  });
});
