import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Zone, type ZoneArgs } from "../../../infra/aws/dns.ts";
import { neededBy } from "../../graph.ts";
import { settle } from "../../mocks.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { namesOf, protectedIn, recordAws } from "./recordAws.ts";

const domain = "yourcom.example";
const target = { dnsName: "lb.elb.example", zoneId: "ZELB" };

/** What is recorded of a zone, and what a use of it gives. */
async function zone<T>(wishes: Partial<ZoneArgs>, use: (zone: Zone) => Promise<T>) {
  const given: T[] = [];
  const resources = await recordAws(async (opts) => {
    const args = { domain, create: true, retain: true, ...wishes };
    given.push(await use(new Zone("zone", args, opts)));
  });
  return { resources, isProtected: protectedIn(resources), given: given[0] };
}

const about = async (of: Zone) => [await settle(of.zoneId), await settle(of.nameServers)];

describe("zone", () => {
  it("is created, and protected where data is retained", async () => {
    const { resources, isProtected, given } = await zone({}, about);
    assert.deepEqual(isProtected, ["Zone zone"]);
    assert.deepEqual(given, ["ZMADE", ["ns-1.example", "ns-2.example"]]);
    assert.deepEqual(namesOf(resources), ["Zone zone", "Zone zone"]);
    const { name, forceDestroy } = inputsOf(resources, "route53/zone:Zone", "zone");
    assert.deepEqual([name, forceDestroy], [domain, false]);
  });

  it("goes with all its records where nothing is retained", async () => {
    const { resources, isProtected } = await zone({ retain: false }, about);
    assert.deepEqual(isProtected, []);
    assert.equal(inputsOf(resources, "route53/zone:Zone", "zone").forceDestroy, true);
  });

  it("is adopted by its name, and then nothing is made", async () => {
    const { resources, given } = await zone({ create: false }, about);
    assert.deepEqual(given, ["ZADOPTED", ["ns-3.example"]]);
    assert.deepEqual(namesOf(resources), ["Zone zone"]);
  });

  it("fails when there is none to adopt, with what AWS says", async () => {
    const adopted = zone({ domain: "missing.example", create: false }, ({ zoneId }) =>
      (zoneId as unknown as { promise(): Promise<string> }).promise(),
    );
    await assert.rejects(adopted, (error) => {
      assert.ok(pulumi.RunError.isInstance(error));
      assert.equal(
        error.message,
        'no hosted zone to adopt for domain "missing.example": no matching Route 53 Hosted Zone ' +
          "found; make a public one of that name in this account, or set " +
          "web-greetings:hostedZone to create, or web-greetings:domain",
      );
      return true;
    });
  });
});

describe("record", () => {
  it("lets a name lead to a load balancer over IPv4 and IPv6", async () => {
    const { resources, given } = await zone({}, (of) =>
      settle(of.record("web", `web.${domain}`, target)),
    );
    assert.equal(given, `web.${domain}`);
    assert.deepEqual(namesOf(resources), [
      "Record zone-web-a",
      "Record zone-web-aaaa",
      "Zone zone",
      "Zone zone",
    ]);
    for (const type of ["A", "AAAA"]) {
      assert.deepEqual(inputsOf(resources, "Record", `zone-web-${type.toLowerCase()}`), {
        zoneId: "ZMADE",
        name: `web.${domain}`,
        type,
        aliases: [{ name: "lb.elb.example", zoneId: "ZELB", evaluateTargetHealth: true }],
      });
    }
  });
});

describe("the name that a record gives", () => {
  it("is known once both records are there", async () => {
    const { resources } = await zone({}, async (of) => {
      const description = of.record("web", `web.${domain}`, target);
      await settle(new aws.kms.Key("user", { description }, { parent: of }).id);
    });
    assert.deepEqual([...neededBy(resources, "Key user")].sort(), [
      "Record zone-web-a",
      "Record zone-web-aaaa",
      "Zone zone",
    ]);
  });
});

describe("certificate", () => {
  it("is validated by a record in the zone, and given once it is issued", async () => {
    const { resources, given } = await zone({ create: false }, (of) =>
      settle(of.certificate("edge", [`web.${domain}`])),
    );
    assert.equal(given, "arn:zone-edge");
    assert.deepEqual(namesOf(resources), [
      "Certificate zone-edge",
      "CertificateValidation zone-edge",
      `Record zone-validation-web.${domain}`,
      "Zone zone",
    ]);
    assert.deepEqual(inputsOf(resources, "Certificate", "zone-edge"), {
      domainName: `web.${domain}`,
      validationMethod: "DNS",
    });
    assert.deepEqual(inputsOf(resources, "Record", `zone-validation-web.${domain}`), {
      zoneId: "ZADOPTED",
      name: `_proof.web.${domain}`,
      type: "CNAME",
      records: ["_proof.acm.example"],
      ttl: 300,
    });
    assert.deepEqual(inputsOf(resources, "CertificateValidation", "zone-edge"), {
      certificateArn: "arn:zone-edge",
      validationRecordFqdns: [`_proof.web.${domain}`],
    });
  });

  it("waits for its record, which waits for the zone and so is gone before it", async () => {
    const { resources } = await zone({}, (of) => settle(of.certificate("edge", [domain])));
    assert.deepEqual([...neededBy(resources, "CertificateValidation zone-edge")].sort(), [
      "Certificate zone-edge",
      `Record zone-validation-${domain}`,
      "Zone zone",
    ]);
  });

  it("needs one record for a domain and its wildcard, whatever certificates name them", async () => {
    const { resources } = await zone({}, async (of) => {
      await settle(of.certificate("edge", [domain, `*.${domain}`, `web.${domain}`]));
      await settle(of.certificate("ui", [`*.${domain}`]));
    });
    const records = namesOf(resources).filter((name) => name.startsWith("Record "));
    assert.deepEqual(records, [
      `Record zone-validation-web.${domain}`,
      `Record zone-validation-${domain}`,
    ]);
    const { subjectAlternativeNames } = inputsOf(resources, "Certificate", "zone-edge");
    assert.deepEqual(subjectAlternativeNames, [`*.${domain}`, `web.${domain}`]);
    const validated = (name: string) =>
      inputsOf(resources, "CertificateValidation", name).validationRecordFqdns;
    assert.deepEqual(validated("zone-edge"), [`_proof.${domain}`, `_proof.web.${domain}`]);
    assert.deepEqual(validated("zone-ui"), [`_proof.${domain}`]);
  });
});
