import assert from "node:assert/strict";
import { isIP } from "node:net";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { parseSettings } from "../../infra/config.ts";
import { createPlatform, type OperatorsDoor, type Platform } from "../../infra/platform.ts";
import { type Recorded, record, settle } from "../mocks.ts";
import { inputsOf } from "../workloads/rooms.ts";

const contexts = new Map([["minikube", "https://192.0.2.10:8443"]]);
const host = "web.yourcom.example";

/** Settings of each target, as few as it can do with. */
const targets: Readonly<Record<string, Record<string, unknown>>> = {
  minikube: {},
  aws: {
    target: "aws",
    allowedAccounts: ["123456789012"],
    clusterAdmins: ["arn:aws:iam::123456789012:role/deploy"],
  },
};

const settled = (value: pulumi.Input<string> | undefined) => settle(pulumi.output(value));

for (const [target, settings] of Object.entries(targets)) {
  describe(`the platform of ${target}, as every platform`, () => {
    /** Works on the platform under mocks; what was registered. */
    const using = (work: (platform: Platform) => unknown, preview = false): Promise<Recorded[]> =>
      record(() => work(createPlatform(parseSettings(settings, contexts), contexts)), preview);
    const serviceOf = (platform: Platform, type = "NodePort") =>
      new k8s.core.v1.Service(
        "web",
        { spec: { type, ports: [{ name: "https", port: 443 }] } },
        { provider: platform.provider },
      );
    const publish = async (platform: Platform, type?: string) =>
      settle(platform.publish("web", serviceOf(platform, type), { host, healthPath: "/health" }));

    it("hands out one provider of Kubernetes, whose identity is its cluster's name", async () => {
      const resources = await using(() => undefined);
      const providers = resources.filter(({ type }) => type === "pulumi:providers:kubernetes");
      assert.deepEqual(
        providers.map(({ name, inputs }) => [name, typeof inputs.clusterIdentifier]),
        [["cluster", "string"]],
      );
    });

    it("stands in at least one zone, has a context, and keeps data unless told otherwise", async () => {
      await using(({ zones, context, retain, adopt }) => {
        assert.ok(zones.length > 0 && zones.every(Boolean));
        assert.match(context, /./);
        assert.deepEqual([retain, adopt], [true, false]);
      });
    });

    it("has a class for each kind of volume, or leaves it to the cluster", async () => {
      await using(async (platform) => {
        for (const kind of ["fast", "bulk"] as const) {
          const name = await settled(platform.storageClass(kind));
          assert.ok(name === undefined || /^[a-z0-9-]+$/.test(name), `${name}`);
        }
      });
    });

    it("opens web pages by HTTPS, if it has a place for them", async () => {
      await using(async ({ staticSite, publiclyTrusted }) => {
        assert.equal(staticSite !== undefined, publiclyTrusted);
        if (!staticSite) return;
        assert.match((await settled(staticSite.url)) ?? "", /^https:\/\/static\.yourcom\.example$/);
        assert.equal(await settled(staticSite.bucket), "yourcom-dev-static");
      });
    });

    it("builds an app once, and refers to it by its digest", async () => {
      let references: (string | undefined)[] = [];
      const resources = await using(async (platform) => {
        references = await Promise.all([platform.image("api"), platform.image("api")].map(settled));
      });
      assert.equal(references[0], references[1]);
      assert.match(references[0] ?? "", /^[^@\s]+\/api@sha256:[0-9a-f]{64}$/);
      assert.equal(resources.filter(({ type }) => type.startsWith("docker:")).length, 1);
    });

    it("keeps a database outside the cluster with all that clients need, or none", async () => {
      await using(async (platform) => {
        const database = platform.database("greetings");
        assert.equal(database !== undefined, target === "aws");
        if (!database) return;
        assert.match(await settle(database.host), /^yourcom-dev-greetings\./);
        assert.equal(database.name, "greetings");
        // Those of the database subnets, one a zone.
        assert.deepEqual(database.cidrs, ["10.64.36.0/22", "10.64.100.0/22", "10.64.164.0/22"]);
        assert.equal(await pulumi.isSecret(database.password), true);
        assert.match(database.caPem, /^-----BEGIN CERTIFICATE-----/);
      });
    });

    it("opens a service by HTTPS under the name or address that it foretells", async () => {
      await using(async (platform) => {
        const { protocol, hostname, pathname } = new URL(await publish(platform));
        assert.deepEqual([protocol, hostname, pathname], ["https:", platform.openedAs(host), "/"]);
        assert.equal(isIP(hostname) === 0, platform.publiclyTrusted);
      });
    });

    it("previews that before the service has a port", async () => {
      await using(async (platform) => {
        assert.match(await publish(platform, "ClusterIP"), /^https:\/\//);
      }, true);
    });
  });
}

describe("the operators' door", () => {
  const operators = ["ann@yourcom.example"];
  const hosts = { consul: "consul.yourcom.example" };

  /** What is registered for a service that is opened by the door, if there is one, and its URLs. */
  async function open(settings: Record<string, unknown> = {}) {
    const urls: Record<string, string>[] = [];
    let door: OperatorsDoor | undefined;
    const resources = await record(async () => {
      const of = createPlatform(parseSettings(settings, contexts), contexts);
      const spec = { type: "NodePort", ports: [{ name: "https", port: 443 }] };
      const service = new k8s.core.v1.Service("console", { spec }, { provider: of.provider });
      door = of.operatorsDoor;
      const opened = door?.publish("console", service, { hosts, healthPath: "/ok" });
      for (const [name, url] of Object.entries(opened ?? {})) {
        urls.push({ [name]: await settle(url) });
      }
    });
    return { resources, urls, door };
  }

  it("is not there where nobody can log in", async () => {
    for (const settings of [targets.aws, targets.minikube, { operators }]) {
      const { resources, urls, door } = await open(settings);
      assert.equal(door, undefined);
      assert.deepEqual(urls, []);
      const ofLogin = resources.filter(({ type }) => /cognito|:Login$/.test(type));
      assert.deepEqual(ofLogin, []);
    }
  });

  it("has its guests log in, on AWS, and leads to the service's port", async () => {
    const { resources, urls } = await open({ ...targets.aws, operators, retain: false });
    assert.deepEqual(urls, [{ consul: "https://consul.yourcom.example" }]);
    const inputs = (type: string, name: string) =>
      resources.find((one) => one.type === `aws:${type}` && one.name === name)?.inputs;
    assert.equal(inputs("cognito/userPool:UserPool", "login")?.name, "yourcom-dev");
    assert.equal(inputs("cognito/userPool:UserPool", "login")?.deletionProtection, "INACTIVE");
    assert.equal(
      inputs("cognito/user:User", "login-ann@yourcom.example")?.username,
      "ann@yourcom.example",
    );
    assert.deepEqual(inputs("cognito/userPoolClient:UserPoolClient", "login")?.callbackUrls, [
      "https://consul.yourcom.example/oauth2/idpresponse",
    ]);
    assert.equal(inputs("lb/targetGroup:TargetGroup", "console")?.port, 30080);
    assert.ok(inputs("lb/listenerRule:ListenerRule", "consul"));
  });

  it("says where its requests come from, and how soon it sees who can serve", async () => {
    const { resources, door } = await open({ ...targets.aws, operators });
    const balancers = resources.filter(({ custom }) => custom);
    const { subnets } = inputsOf(balancers, "LoadBalancer", "web");
    const stands = subnets.map((id: string) => id.replace(/-id$/, ""));
    assert.deepEqual(
      stands.map((name: string) => inputsOf(resources, "Subnet", name).cidrBlock),
      door?.cidrs,
    );
    const { interval, timeout, healthyThreshold, unhealthyThreshold } = inputsOf(
      resources,
      "TargetGroup",
      "console",
    ).healthCheck;
    assert.equal(healthyThreshold, unhealthyThreshold);
    assert.equal(door?.noticesWithin, interval * healthyThreshold + timeout);
  });
});
