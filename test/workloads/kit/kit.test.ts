import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { checksum, checksumAnnotations } from "../../../workloads/kit/checksum.ts";
import { accessTo, type Endpoint } from "../../../workloads/kit/endpoint.ts";
import { labelsOf, selectorOf } from "../../../workloads/kit/labels.ts";
import { resources, spread } from "../../../workloads/kit/pod.ts";
import { probe } from "../../../workloads/kit/probes.ts";
import { record, settle } from "../../mocks.ts";

const identity = { name: "kafka", instance: "main", component: "broker", version: "3.9.1" };

describe("labels", () => {
  it("are the five of app.kubernetes.io", () => {
    assert.deepEqual(labelsOf(identity), {
      "app.kubernetes.io/name": "kafka",
      "app.kubernetes.io/instance": "main",
      "app.kubernetes.io/component": "broker",
      "app.kubernetes.io/part-of": "web-greetings",
      "app.kubernetes.io/version": "3.9.1",
    });
  });

  it("choose the same pods at every version", () => {
    fc.assert(
      fc.property(fc.string(), (version) => {
        assert.deepEqual(selectorOf({ ...identity, version }), selectorOf(identity));
      }),
    );
  });
});

describe("checksum", () => {
  const texts = fc.dictionary(fc.string(), fc.string(), { maxKeys: 4 });
  const sum = async (of: Record<string, string>) => settle(checksum(of));

  it("is the same in any order of the names", async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (of) => {
        const reversed = Object.fromEntries(Object.entries(of).reverse());
        assert.equal(await sum(of), await sum(reversed));
      }),
    );
  });

  it("is another for other texts", async () => {
    assert.notEqual(await sum({ a: "1" }), await sum({ a: "2" }));
    assert.notEqual(await sum({ a: "1" }), await sum({ b: "1" }));
    assert.notEqual(await sum({ a: 'x","y' }), await sum({ a: "x", y: "" }));
  });

  it("is no secret when the texts are none, and one when they are", async () => {
    assert.equal(await pulumi.isSecret(checksum({ a: "1" })), false);
    assert.equal(await pulumi.isSecret(checksum({ a: pulumi.secret("1") })), true);
  });
});

describe("checksums on a pod template", () => {
  it("are annotations under names of their own", () => {
    assert.deepEqual(checksumAnnotations({ config: "1", secrets: "2" }), {
      "checksum.web-greetings/config": "1",
      "checksum.web-greetings/secrets": "2",
    });
    assert.deepEqual(checksumAnnotations({}), {});
  });
});

describe("resources", () => {
  it("write whole cores and thousandths as the API server does", () => {
    assert.deepEqual(resources({ cpu: 0.05, cpuLimit: 2, memoryMiB: 320 }), {
      requests: { cpu: "50m", memory: "320Mi" },
      limits: { cpu: "2", memory: "320Mi" },
    });
  });
});

describe("spread", () => {
  it("is a demand on a full target and a wish on a small one", () => {
    const kinds = (scale: "small" | "full") =>
      spread({}, scale).map(({ topologyKey, whenUnsatisfiable }) =>
        [topologyKey, whenUnsatisfiable].join(" "),
      );
    assert.deepEqual(kinds("full"), [
      "topology.kubernetes.io/zone DoNotSchedule",
      "kubernetes.io/hostname DoNotSchedule",
    ]);
    assert.deepEqual(kinds("small"), [
      "topology.kubernetes.io/zone ScheduleAnyway",
      "kubernetes.io/hostname ScheduleAnyway",
    ]);
  });
});

describe("probe", () => {
  const numbers = { periodSeconds: 2, failureThreshold: 3, successThreshold: 1, timeoutSeconds: 5 };
  const pace = { every: 2, failures: 3 };

  it("runs a command, asks a path, or tries a port, with every number given", () => {
    assert.deepEqual(probe({ command: ["true"] }, pace), {
      exec: { command: ["true"] },
      ...numbers,
    });
    assert.deepEqual(probe({ path: "/livez", port: "metrics" }, pace), {
      httpGet: { path: "/livez", port: "metrics", scheme: "HTTP" },
      ...numbers,
    });
    assert.deepEqual(probe({ path: "/ping", port: "https", tls: true }, pace), {
      httpGet: { path: "/ping", port: "https", scheme: "HTTPS" },
      ...numbers,
    });
    assert.deepEqual(probe({ port: "kafka" }, pace), { tcpSocket: { port: "kafka" }, ...numbers });
  });
});

describe("endpoints", () => {
  it("give their clients all labels that they ask for", async () => {
    await record(() => {
      const endpoint = (label: string): Endpoint => ({
        host: pulumi.output("host"),
        port: 1,
        tls: true,
        accessLabels: { [label]: "true" },
        server: { namespace: "a", labels: {} },
      });
      assert.deepEqual(accessTo([endpoint("a"), endpoint("b")]), { a: "true", b: "true" });
      assert.deepEqual(accessTo([]), {});
    });
  });
});
