import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as fc from "fast-check";
import { parse } from "yaml";
import { parseSettings, project, settingKeys } from "../../infra/config.ts";

const none = new Map<string, string>();
const root = `${__dirname}/../..`;

function faults(raw: Record<string, unknown>, contexts = none): string[] {
  try {
    parseSettings(raw, contexts);
  } catch (error) {
    const lines = String((error as Error).message).split("\n");
    return lines.slice(1, -1).map((line) => line.trim());
  }
  return [];
}

describe("settings", () => {
  it("are complete with no value given", () => {
    const settings = parseSettings({}, none);
    assert.deepEqual(Object.keys(settings), [...settingKeys]);
    assert.equal(Object.isFrozen(settings), true);
    assert.equal(settings.retain, true);
  });

  const cases: [string, Record<string, unknown>, string[]][] = [
    [
      "an unknown key",
      { kafkaReplica: 3 },
      [
        "web-greetings:kafkaReplica: got 3; no such setting; allowed: target, name, domain, context, allowedContexts, registry, nodeAddress, scale, retain, adopt, certificateEdition, consulVersion, consulReplicas, consulDatacenter, consulDomain, consulGossipKeyEdition, zookeeperVersion, zookeeperReplicas, kafkaVersion, kafkaReplicas, kafkaHeapMiB, topicPartitions, topicRetentionHours, apiMinReplicas, apiMaxReplicas, workerMinReplicas, workerMaxReplicas, edgeReplicas, workloads, prometheusRetentionDays, prometheusRetentionGiB, alertReceivers, influxdbRetentions, awsRegion, awsZones, allowedAccounts, clusterAdmins, publicEndpointCidrs, operators, vpcCidr, natGateways, interfaceEndpoints, webAcl, hostedZone, kubernetesVersion, nodeInstanceTypes, nodeReleaseVersion, nodesPerZoneMin, nodesPerZoneMax, nodesAcrossMin, nodesAcrossMax, databaseInstanceClass, databaseStorageGiB",
      ],
    ],
    [
      "an even quorum",
      { zookeeperReplicas: 4 },
      [
        "web-greetings:zookeeperReplicas: got 4; allowed: odd numbers from 1 to 7, so that a majority exists",
      ],
    ],
    [
      "Kafka 4 with ZooKeeper",
      { kafkaVersion: "4.0.0" },
      [
        'web-greetings:kafkaVersion: got "4.0.0"; allowed: up to 3.9, the last line that runs on ZooKeeper',
      ],
    ],
    [
      "a ZooKeeper whose snapshots are not safe to restore",
      { zookeeperVersion: "3.9.3" },
      [
        'web-greetings:zookeeperVersion: got "3.9.3"; allowed: 3.9.4 and later 3.x, the first whose snapshots can be restored safely',
      ],
    ],
    [
      "a bad domain",
      { domain: "Your Company" },
      [
        'web-greetings:domain: got "Your Company"; allowed: a lower-case domain of two labels or more, such as yourcom.example',
      ],
    ],
    [
      "more Workers than partitions",
      { workerMaxReplicas: 9 },
      [
        "web-greetings:workerMaxReplicas: got 9; allowed: at most topicPartitions, which is 6: more Workers would idle",
      ],
    ],
    [
      "a maximum under its minimum",
      { apiMinReplicas: 5, apiMaxReplicas: 2 },
      ["web-greetings:apiMaxReplicas: got 2; allowed: at least apiMinReplicas, which is 5"],
    ],
    [
      "more nodes at first than there may be",
      { nodesPerZoneMin: 4, nodesAcrossMin: 5 },
      [
        "web-greetings:nodesPerZoneMax: got 3; allowed: at least nodesPerZoneMin, which is 4",
        "web-greetings:nodesAcrossMax: got 4; allowed: at least nodesAcrossMin, which is 5",
      ],
    ],
    [
      "an unknown target",
      { target: "gcp" },
      ['web-greetings:target: got "gcp"; allowed: minikube, aws'],
    ],
    [
      "a word where a switch belongs",
      { retain: "maybe" },
      ['web-greetings:retain: got "maybe"; allowed: true, false'],
    ],
  ];
  const word = "allowed: one lower-case label, such as consul; not local";
  const name =
    "allowed: lower-case letters, digits, and hyphens between them; 63 characters at most";
  const edition = "allowed: whole numbers from 1 to 1000000";
  const odd = "allowed: odd numbers from 1 to 7, so that a majority exists";
  const ofConsul: [string, unknown, string][] = [
    ["consulReplicas", 2, odd],
    ["consulReplicas", 9, odd],
    ["consulVersion", "1.20", "allowed: a version such as 1.20.6"],
    ["consulVersion", "latest", "allowed: a version such as 1.20.6"],
    ["consulDatacenter", "DC1", name],
    ["consulDatacenter", "", name],
    ["consulDatacenter", "-dc", name],
    ["consulDatacenter", "dc-", name],
    ["consulDatacenter", "dc.ams", name],
    ["consulDatacenter", "d".repeat(64), name],
    ["consulDomain", "local", "allowed: anything but local, which clusters use"],
    ["consulDomain", "cluster.local", word],
    ["consulDomain", "consul.", word],
    ["consulDomain", "1consul", word],
    ["consulDomain", "consul-", word],
    ["consulDomain", "", word],
    ["consulGossipKeyEdition", 0, edition],
    ["consulGossipKeyEdition", 1.5, edition],
    ["certificateEdition", 0, edition],
    ["certificateEdition", "2", edition],
  ];
  for (const [key, value, rule] of ofConsul) {
    it(`fail with ${key} ${JSON.stringify(value)}`, () => {
      const line = `web-greetings:${key}: got ${JSON.stringify(value)}; ${rule}`;
      assert.deepEqual(faults({ [key]: value }), [line]);
    });
  }

  const emails = "allowed: a list of e-mail addresses in lower case, each once";
  const services =
    "allowed: a list of these, each once: ec2, ecr.api, ecr.dkr, eks, eks-auth, ssm, ssmmessages, sts";
  const release = "allowed: newest, or a release of EKS' image such as 1.35.0-20260115";
  const ofVersion = "allowed: newest, or one of kubernetesVersion, such as 1.35.0-20260115";
  const ofAws: [string, unknown, string][] = [
    ["operators", "ann@yourcom.example", emails],
    ["operators", ["ann"], emails],
    ["operators", ["Ann@yourcom.example"], emails],
    ["operators", ["ann@yourcom.example", "ann@yourcom.example"], emails],
    ["interfaceEndpoints", "sts", services],
    ["interfaceEndpoints", ["s3"], services],
    ["interfaceEndpoints", ["sts", "sts"], services],
    ["webAcl", "all", "allowed: none, managed"],
    ["nodeReleaseVersion", "1.35", release],
    ["nodeReleaseVersion", "v1.35.0-20260115", release],
    ["nodeReleaseVersion", "1.34.2-20260301", ofVersion],
    ["nodeReleaseVersion", "1.350.0-20260115", ofVersion],
  ];
  for (const [key, value, rule] of ofAws) {
    it(`fail with ${key} ${JSON.stringify(value)}`, () => {
      const line = `web-greetings:${key}: got ${JSON.stringify(value)}; ${rule}`;
      assert.deepEqual(faults({ [key]: value }), [line]);
    });
  }

  it("fail with operators and a name that their login's address cannot have", () => {
    const aws = { target: "aws", allowedAccounts: ["123456789012"], name: "lawson" };
    const clusterAdmins = ["arn:aws:iam::123456789012:role/deploy"];
    assert.deepEqual(faults({ ...aws, clusterAdmins, operators: ["ann@yourcom.example"] }), [
      'web-greetings:name: got "lawson"; allowed where there are operators: ' +
        "names without aws, amazon, cognito, which Cognito takes none with",
    ]);
    assert.deepEqual(faults({ ...aws, clusterAdmins }), []);
  });

  it("take services of AWS, and a release of the nodes' image that is of their version", () => {
    assert.deepEqual(faults({ interfaceEndpoints: ["sts", "ecr.api"] }), []);
    assert.deepEqual(faults({ nodeReleaseVersion: "1.35.0-20260115" }), []);
    const both = { kubernetesVersion: "1.34", nodeReleaseVersion: "1.34.2-20260301" };
    assert.deepEqual(faults(both), []);
  });

  it("take every datacenter and domain that can be in a certificate's names, and no other", () => {
    const label = fc.stringMatching(/^[-a-z0-9]{1,63}$/);
    fc.assert(
      fc.property(label, (value) => {
        const isLabel = !value.startsWith("-") && !value.endsWith("-");
        assert.equal(faults({ consulDatacenter: value }).length === 0, isLabel);
        const isDomain = isLabel && /^[a-z]/.test(value) && value !== "local";
        assert.equal(faults({ consulDomain: value }).length === 0, isDomain);
      }),
    );
  });

  for (const [name, raw, expected] of cases) {
    it(`fail with ${name}`, () => assert.deepEqual(faults(raw), expected));
  }

  it("fail with a context that is not allowed, naming its server", () => {
    const contexts = new Map([["prod", "https://203.0.113.7:6443"]]);
    assert.deepEqual(faults({ context: "prod" }, contexts), [
      'web-greetings:context: got "prod"; its server is https://203.0.113.7:6443; allowed: one of allowedContexts, which is minikube',
    ]);
  });

  it("report all faults at once", () => {
    const raw = {
      colour: "red",
      zookeeperReplicas: 2,
      kafkaVersion: "4.1.0",
      domain: "-",
      context: "prod",
    };
    const keys = faults(raw).map((line) => line.split(": ")[0]);
    assert.deepEqual(keys.sort(), [
      "web-greetings:colour",
      "web-greetings:context",
      "web-greetings:domain",
      "web-greetings:kafkaVersion",
      "web-greetings:zookeeperReplicas",
    ]);
  });

  it("either hold or name each key that is at fault, for any values", () => {
    const values = fc.dictionary(fc.constantFrom(...settingKeys), fc.jsonValue());
    fc.assert(
      fc.property(values, (raw) => {
        for (const line of faults(raw)) {
          assert.match(line, /^web-greetings:[a-zA-Z]+: got .*; .*allowed: /s);
        }
      }),
    );
  });

  it("have the same keys and defaults in Pulumi.yaml, each described", () => {
    const { config } = parse(fs.readFileSync(`${root}/Pulumi.yaml`, "utf8"));
    const defaults = parseSettings({}, none);
    const expected = Object.fromEntries(
      settingKeys.map((key) => [`${project}:${key}`, defaults[key]]),
    );
    const got = Object.entries<{ default: unknown; description: string }>(config);
    assert.deepEqual(Object.fromEntries(got.map(([key, entry]) => [key, entry.default])), expected);
    for (const [key, entry] of got) assert.match(entry.description, /^[A-Z].{10,}\.$/, key);
  });
});
