import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "../../../workloads/kit/endpoint.ts";
import { type JobArgs, runJob } from "../../../workloads/kit/job.ts";
import { containerBasics, podSecurity } from "../../../workloads/kit/pod.ts";
import { record, settle } from "../../mocks.ts";
import { inputsOf } from "../rooms.ts";

const identity = { name: "shop", instance: "shop", component: "stocktaking", version: "1.0.0" };
const labels = {
  "app.kubernetes.io/name": "shop",
  "app.kubernetes.io/instance": "shop",
  "app.kubernetes.io/component": "stocktaking",
  "app.kubernetes.io/part-of": "web-greetings",
  "app.kubernetes.io/version": "1.0.0",
};
const store: Endpoint = {
  host: pulumi.output("store"),
  port: 443,
  tls: true,
  accessLabels: { "access.web-greetings/store": "true" },
  server: { namespace: "store", labels: { app: "store" } },
};
const goods = { name: "goods", secret: { secretName: "goods", defaultMode: 0o440 } };

/** All that a Job is made of, and the name that it is known by. */
async function run(more: Partial<JobArgs>) {
  let name = "";
  const resources = await record(async () => {
    const room = new pulumi.ComponentResource("test:room:Room", "room");
    const job = runJob(
      "shop-stocktaking",
      {
        identity,
        namespace: "street",
        purpose: "The Job counts what is in store.",
        uses: [store],
        container: { name: "count", image: "count:1", env: [{ name: "SHELF", value: "1" }] },
        size: { cpu: 0.05, cpuLimit: 1, memoryMiB: 64 },
        config: { files: { "shelves.json": "[]" }, path: "/etc/shelves" },
        volumes: [{ volume: goods, path: "/etc/goods" }],
        ...more,
      },
      room,
    );
    name = await settle(job);
  });
  return { name, resources, job: inputsOf(resources, "Job", "shop-stocktaking") };
}

describe("a Job", () => {
  const container = {
    name: "count",
    image: "count:1",
    env: [{ name: "SHELF", value: "1" }],
    resources: {
      requests: { cpu: "50m", memory: "64Mi" },
      limits: { cpu: "1", memory: "64Mi" },
    },
    ...containerBasics(),
    volumeMounts: [
      { name: "config", mountPath: "/etc/shelves", readOnly: true },
      { name: "goods", mountPath: "/etc/goods", readOnly: true },
    ],
  };
  const spec = {
    serviceAccountName: "shop-stocktaking",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: "Never",
    securityContext: podSecurity(),
    containers: [container],
    volumes: [{ name: "config", configMap: { name: "shop-stocktaking" } }, goods],
  };
  const podLabels = { ...labels, "access.web-greetings/store": "true" };

  it("runs one container to its end, and is tried neither often nor long", async () => {
    const { job, name } = await run({});
    assert.deepEqual(job, {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { namespace: "street", labels },
      spec: {
        backoffLimit: 5,
        activeDeadlineSeconds: 540,
        template: { metadata: { labels: podLabels }, spec },
      },
    });
    assert.equal(name, "shop-stocktaking");
  });

  it("brings a policy, a ServiceAccount and its files, and comes after the policy", async () => {
    const { resources } = await run({});
    const ours = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.deepEqual(
      ours.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`),
      ["Job", "ConfigMap", "ServiceAccount", "NetworkPolicy"].map(
        (kind) => `${kind} shop-stocktaking`,
      ),
    );
    const files = inputsOf(resources, "ConfigMap", "shop-stocktaking").data;
    assert.deepEqual(files, { "shelves.json": "[]" });
    const policy = inputsOf(resources, "NetworkPolicy", "shop-stocktaking").spec;
    assert.deepEqual(policy.ingress, []);
    assert.equal(policy.egress.length, 1);
    const after = ours.find(({ type }) => type.endsWith(":Job"))?.after ?? [];
    assert.ok(
      after.some((urn) => urn.includes("NetworkPolicy::shop-stocktaking")),
      after.join(),
    );
  });

  it("has the arguments and the checksums that it is given", async () => {
    const { job } = await run({
      container: { name: "count", image: "count:1", args: ["all"] },
      checksums: { goods: "1" },
    });
    const { env: _, ...rest } = container;
    assert.deepEqual(job.spec.template, {
      metadata: { labels: podLabels, annotations: { "checksum.web-greetings/goods": "1" } },
      spec: { ...spec, containers: [{ ...rest, args: ["all"] }] },
    });
  });
});
