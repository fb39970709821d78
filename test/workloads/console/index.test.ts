import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../../infra/pki.ts";
import type { OperatorsWayIn } from "../../../infra/platform.ts";
import { images } from "../../../infra/versions.ts";
import { Console, type ConsoleArgs } from "../../../workloads/console/index.ts";
import { renderNginx } from "../../../workloads/console/nginx.ts";
import { accessLabelsFor } from "../../../workloads/kit/endpoint.ts";
import type { WebInterface } from "../../../workloads/kit/webInterface.ts";
import { neededBy } from "../../graph.ts";
import { type Recorded, record, settle } from "../../mocks.ts";
import { fakePlatform, inputsOf, objectsIn } from "../rooms.ts";

function interfaceOf(name: string, port: number, tls = true): WebInterface {
  const endpoint = {
    host: pulumi.output(`${name}.${name}.svc`),
    port,
    tls,
    accessLabels: accessLabelsFor(name),
    server: { namespace: name, labels: { "app.kubernetes.io/name": name } },
  };
  return { endpoint, path: "/ui/" };
}

interface Made {
  readonly resources: Recorded[];
  /** URLs by the name of the interface. */
  readonly urls: Record<string, string>;
  /** What was published, under which name. */
  readonly published: readonly (readonly [string, OperatorsWayIn])[];
}

const cidrs = ["10.64.40.0/26", "10.64.104.0/26"];

async function make(
  wishes: Partial<ConsoleArgs> = {},
  scale: "small" | "full" = "small",
): Promise<Made> {
  const published: [string, OperatorsWayIn][] = [];
  const urls: Record<string, string> = {};
  const resources = await record(async () => {
    const made = new Console("console", {
      platform: fakePlatform({ scale }),
      authority: new CertificateAuthority("internal", { organization: "yourcom.example" }),
      door: {
        cidrs,
        noticesWithin: 25,
        publish: (name, _, way) => {
          published.push([name, way]);
          const opened = Object.entries(way.hosts);
          return Object.fromEntries(
            opened.map(([of, host]) => [of, pulumi.output(`https://${host}`)]),
          );
        },
      },
      domain: "yourcom.example",
      interfaces: { consul: interfaceOf("consul", 8501), grafana: interfaceOf("grafana", 3000) },
      ...wishes,
    });
    for (const [of, url] of Object.entries(made.urls)) urls[of] = await settle(url);
  });
  return { resources, urls, published };
}

describe("Console", () => {
  let made: Made;

  before(async () => {
    made = await make();
  });

  const deployment = (of: Made) => inputsOf(of.resources, "Deployment", "console");
  const spec = (of = made) => deployment(of).spec;
  const nginx = (of = made) => spec(of).template.spec.containers[0];

  it("is these objects in its namespace and no others", () => {
    assert.deepEqual(objectsIn(made.resources, "console"), [
      "ConfigMap console",
      "Deployment console",
      "NetworkPolicy console",
      "NetworkPolicy console-default",
      "Secret console",
      "Service console",
      "ServiceAccount console",
    ]);
    assert.deepEqual(objectsIn(made.resources, ""), ["Namespace console"]);
  });

  it("is published once, each interface under its name, and found at its first page", () => {
    const hosts = { consul: "consul.yourcom.example", grafana: "grafana.yourcom.example" };
    assert.deepEqual(made.published, [["console", { hosts, healthPath: "/healthz" }]]);
    assert.deepEqual(made.urls, {
      consul: "https://consul.yourcom.example/ui/",
      grafana: "https://grafana.yourcom.example/ui/",
    });
    const { type, externalTrafficPolicy, ports } = inputsOf(
      made.resources,
      "Service",
      "console",
    ).spec;
    const port = { name: "https", port: 443, targetPort: "https", protocol: "TCP" };
    assert.deepEqual([type, externalTrafficPolicy, ports], ["NodePort", "Local", [port]]);
  });

  it("is one pod, and two with a budget on a full target, that roll without fewer seen to serve", async () => {
    const full = await make({}, "full");
    assert.deepEqual([spec().replicas, spec(full).replicas], [1, 2]);
    assert.ok(objectsIn(full.resources, "console").includes("PodDisruptionBudget console"));
    assert.deepEqual(spec().strategy, {
      type: "RollingUpdate",
      rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
    });
    assert.equal(spec().minReadySeconds, 25);
    const memory = [made, full].map((of) => nginx(of).resources.limits.memory);
    assert.deepEqual(memory, ["64Mi", "128Mi"]);
  });

  it("is nginx, which says that it goes and serves on until that is seen, within its time", () => {
    assert.equal(nginx().image, images.nginx);
    assert.deepEqual(nginx().command, [
      "nginx",
      "-e",
      "stderr",
      "-c",
      "/etc/console/config/nginx.conf",
    ]);
    assert.deepEqual(nginx().lifecycle, {
      preStop: { exec: { command: ["sh", "-c", "touch /tmp/leaving && sleep 25"] } },
    });
    assert.equal(spec().template.spec.terminationGracePeriodSeconds, 25 + 15 + 10);
  });

  it("has its configuration, and writes to a volume of its own alone", () => {
    const { data } = inputsOf(made.resources, "ConfigMap", "console");
    const passed = [
      ["consul", 8501],
      ["grafana", 3000],
    ] as const;
    const rendered = renderNginx(
      passed.map(([name, port]) => ({
        name,
        host: `${name}.yourcom.example`,
        server: `${name}.${name}.svc`,
        port,
        path: "/ui/",
      })),
    );
    assert.deepEqual(data, { "nginx.conf": rendered });
    assert.deepEqual(nginx().volumeMounts, [
      { name: "config", mountPath: "/etc/console/config", readOnly: true },
      { name: "tls", mountPath: "/etc/console/tls", readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ]);
  });

  it("is open at its port to where the door's requests come from, and reaches the interfaces alone", () => {
    const { ingress, egress } = inputsOf(made.resources, "NetworkPolicy", "console").spec;
    const from = cidrs.map((cidr) => ({ ipBlock: { cidr } }));
    assert.deepEqual(ingress, [{ from, ports: [{ protocol: "TCP", port: 9443 }] }]);
    const to = (name: string, port: number) => ({
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
          podSelector: { matchLabels: { "app.kubernetes.io/name": name } },
        },
      ],
      ports: [{ protocol: "TCP", port }],
    });
    assert.deepEqual(egress, [to("consul", 8501), to("grafana", 3000)]);
    const { labels } = spec().template.metadata;
    assert.equal(labels["access.web-greetings/consul"], "true");
    assert.equal(labels["access.web-greetings/grafana"], "true");
  });

  it("has one certificate, which names its service and no interface", () => {
    const { subject, dnsNames } = inputsOf(made.resources, "CertRequest", "console");
    assert.equal(subject.commonName, "console");
    assert.deepEqual(dnsNames, ["console.console.svc", "console.console.svc.cluster.local"]);
  });

  it("rolls its pods when an interface is elsewhere, and keeps its certificate", async () => {
    const moved = await make({ interfaces: { consul: interfaceOf("elsewhere", 8501) } });
    const sums = [made, moved].map((of) => spec(of).template.metadata.annotations);
    const keys = ["certificate", "config"].map((of) => `checksum.web-greetings/${of}`);
    assert.deepEqual(Object.keys(sums[0]).sort(), keys);
    assert.deepEqual(
      keys.map((key) => sums[0][key] === sums[1][key]),
      [true, false],
    );
  });

  it("starts after its policy", () => {
    assert.ok(neededBy(made.resources, "Deployment console").has("NetworkPolicy console"));
  });

  it("fails for an interface in the clear, before there is anything", async () => {
    let left: Recorded[] = [];
    left = await record(() => {
      const authority = new CertificateAuthority("internal", { organization: "yourcom.example" });
      const interfaces = { plain: interfaceOf("plain", 80, false) };
      const common = { platform: fakePlatform(), authority, domain: "yourcom.example" };
      const door = { cidrs, noticesWithin: 25, publish: () => ({}) };
      assert.throws(
        () => new Console("console", { ...common, door, interfaces }),
        new pulumi.RunError(
          "the console cannot lead to plain, which speaks in the clear; allowed: servers with TLS",
        ),
      );
    });
    assert.deepEqual(objectsIn(left, "console"), []);
  });
});
