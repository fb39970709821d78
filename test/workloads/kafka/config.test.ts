import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import {
  brokerAddresses,
  renderLog4j,
  renderReaders,
  renderServerProperties,
  renderStart,
  renderTopics,
  requireSound,
} from "../../../workloads/kafka/config.ts";

const text = renderServerProperties({
  zookeeper: "zookeeper.zookeeper.svc:2281",
  internalPartitions: 6,
});
const pairs = text
  .trimEnd()
  .split("\n")
  .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)] as const);
const properties = new Map(pairs);

describe("server.properties", () => {
  const table: Record<string, string> = {
    listeners: "SSL://:9093",
    "security.inter.broker.protocol": "SSL",
    "ssl.client.auth": "required",
    "ssl.endpoint.identification.algorithm": "HTTPS",
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": "/etc/kafka/tls/keystore.pem",
    "ssl.truststore.location": "/etc/kafka/tls/ca.crt",
    "zookeeper.connect": "zookeeper.zookeeper.svc:2281",
    "zookeeper.ssl.client.enable": "true",
    "zookeeper.ssl.endpoint.identification.algorithm": "HTTPS",
    "zookeeper.clientCnxnSocket": "org.apache.zookeeper.ClientCnxnSocketNetty",
    "zookeeper.set.acl": "true",
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "unclean.leader.election.enable": "false",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "3",
    "offsets.topic.num.partitions": "6",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "controlled.shutdown.enable": "true",
    // A folder of the volume, not its root: Kafka refuses a root with lost+found in it.
    "log.dirs": "/var/lib/kafka/data/topics",
  };
  for (const [key, value] of Object.entries(table)) {
    it(`sets ${key} to ${value}`, () => assert.equal(properties.get(key), value));
  }

  it("has each setting once, and none that differs between brokers", () => {
    assert.equal(properties.size, pairs.length);
    for (const key of ["broker.id", "broker.rack", "advertised.listeners"]) {
      assert.equal(properties.has(key), false, key);
    }
  });

  it("speaks nothing but TLS", () => assert.equal(text.includes("PLAINTEXT"), false));
});

describe("start of a broker", () => {
  it("takes number, rack and name from the pod and gives its place to the broker", () => {
    const script = renderStart()
      .replace("exec /opt/kafka/bin/kafka-server-start.sh", "printf '%s\\n'")
      .replace("cat /var/run/node/rack", "echo eu-west-1a");
    const { stdout } = spawnSync("bash", ["-ec", script], {
      env: { ...process.env, HOSTNAME: "kafka-2" },
    });
    assert.deepEqual(stdout.toString().trimEnd().split("\n"), [
      "/etc/kafka/config/server.properties",
      "--override",
      "broker.id=2",
      "--override",
      "broker.rack=eu-west-1a",
      "--override",
      "advertised.listeners=SSL://kafka-2.kafka-brokers.kafka.svc:9093",
    ]);
    assert.match(renderStart(), /\nexec [^\n]*\\\n/);
  });
});

describe("readers of topics", () => {
  it("are each named with what they read", () => {
    const topic = (name: string, ...readers: string[]) => ({
      name,
      partitions: 1,
      retentionHours: 1,
      readers,
    });
    assert.equal(renderReaders([topic("a", "x", "y"), topic("b"), topic("c", "x")]), "x:a,y:a,x:c");
    assert.equal(renderReaders([{ name: "a", partitions: 1, retentionHours: 1 }]), "");
  });
});

describe("topics.json", () => {
  it("is a list of all topics, each in three copies of which two acknowledge", () => {
    const topics = renderTopics([{ name: "web-greetings", partitions: 6, retentionHours: 168 }]);
    assert.deepEqual(JSON.parse(topics), [
      {
        name: "web-greetings",
        partitions: 6,
        replicas: 3,
        config: { "min.insync.replicas": "2", "retention.ms": "604800000" },
      },
    ]);
  });

  it("is other text whenever a topic is another", () => {
    const topic = fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
      partitions: fc.integer({ min: 1, max: 1000 }),
      retentionHours: fc.integer({ min: 1, max: 87_600 }),
    });
    fc.assert(
      fc.property(topic, topic, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        assert.equal(renderTopics([a]) === renderTopics([b]), same);
      }),
    );
  });
});

describe("addresses of the brokers", () => {
  it("are those of all pods", () => {
    assert.equal(
      brokerAddresses(3),
      [0, 1, 2].map((n) => `kafka-${n}.kafka-brokers.kafka.svc:9093`).join(","),
    );
  });
});

describe("log4j.properties", () => {
  it("writes to the console alone", () => {
    assert.match(renderLog4j(), /^log4j\.rootLogger=INFO, console$/m);
    assert.doesNotMatch(renderLog4j(), /FileAppender/);
  });
});

describe("a Kafka cluster", () => {
  for (const brokers of [0, 1, 2, 2.5, 100]) {
    it(`fails when it is to have ${brokers} brokers`, () => {
      const message =
        `kafka cannot have ${brokers} brokers: every message is in 3 of them; ` +
        "allowed: whole numbers from 3 to 99";
      assert.throws(() => requireSound(brokers, "3.9.1"), new pulumi.RunError(message));
    });
  }

  for (const version of ["4.0.0", "4.1.1", "3.10.0", "2.8.2", "latest"]) {
    it(`fails when it is to be version ${version}`, () => {
      const message =
        `kafka cannot be version ${version}: it runs on ZooKeeper, which 4.0 no longer knows; ` +
        "allowed: 3.x up to 3.9";
      assert.throws(() => requireSound(3, version), new pulumi.RunError(message));
    });
  }

  it("may have 3 to 99 brokers of version 3.9.1", () => {
    for (const brokers of [3, 4, 99]) assert.doesNotThrow(() => requireSound(brokers, "3.9.1"));
  });
});
