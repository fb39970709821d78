import assert from "node:assert/strict";
import { readApiSettings } from "../../../apps/api/src/settings.ts";
import {
  readRackSettings,
  readTopicsSettings,
  readWatchSettings,
} from "../../../apps/kafka-agent/src/settings.ts";
import {
  readConsulAppSettings,
  SettingsError,
  settingsOrExit,
} from "../../../apps/shared/settings.ts";
import { readWorkerSettings } from "../../../apps/worker/src/settings.ts";

function faultsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    return error.message.split("\n").sort();
  }
  return assert.fail("nothing was refused");
}

describe("the settings of an app", () => {
  it("need nothing but the brokers", () => {
    const settings = readApiSettings({ KAFKA_BROKERS: "kafka-0.kafka:9093, kafka-1.kafka:9093" });
    assert.deepEqual(settings.kafka, {
      brokers: ["kafka-0.kafka:9093", "kafka-1.kafka:9093"],
      clientId: "web-greetings-api",
      tls: undefined,
    });
    assert.equal(settings.PORT, 8080);
    assert.equal(settings.KAFKA_TOPIC, "web-greetings");
  });

  it("take all three files of TLS", () => {
    const files = { KAFKA_CA_FILE: "/ca", KAFKA_CERT_FILE: "/cert", KAFKA_KEY_FILE: "/key" };
    assert.deepEqual(readApiSettings({ KAFKA_BROKERS: "a:1", ...files }).kafka.tls, {
      caFile: "/ca",
      certFile: "/cert",
      keyFile: "/key",
    });
  });

  it("never fall back to plain text for want of a file", () => {
    const rest = "allowed: all of KAFKA_CA_FILE, KAFKA_CERT_FILE, KAFKA_KEY_FILE, or none";
    const environment = { KAFKA_BROKERS: "a:1", KAFKA_CA_FILE: "/ca", KAFKA_CERT_FILE: "/cert" };
    assert.deepEqual(
      faultsOf(() => readApiSettings(environment)),
      [`setting KAFKA_KEY_FILE: missing, ${rest}`],
    );
  });

  it("are refused with every fault at once, each with its value and what is allowed", () => {
    const environment = {
      PORT: "http",
      ADMIN_PORT: "65536",
      LOG_LEVEL: "loud",
      KAFKA_CA_FILE: "/ca",
      PUBLISH_DEADLINE_MS: "-1",
    };
    assert.deepEqual(
      faultsOf(() => readApiSettings(environment)),
      [
        'setting ADMIN_PORT: got "65536", allowed: a whole number from 0 to 65535',
        "setting KAFKA_BROKERS: missing, but required",
        "setting KAFKA_CERT_FILE: missing, allowed: all of KAFKA_CA_FILE, KAFKA_CERT_FILE, KAFKA_KEY_FILE, or none",
        "setting KAFKA_KEY_FILE: missing, allowed: all of KAFKA_CA_FILE, KAFKA_CERT_FILE, KAFKA_KEY_FILE, or none",
        'setting LOG_LEVEL: got "loud", allowed: debug, info, warn, error',
        'setting PORT: got "http", allowed: a whole number from 0 to 65535',
        'setting PUBLISH_DEADLINE_MS: got "-1", allowed: a whole number from 100 to 60000',
      ],
    );
  });

  it("are refused for an address without a port", () => {
    assert.deepEqual(
      faultsOf(() => readApiSettings({ KAFKA_BROKERS: "a:1,b" })),
      ['setting KAFKA_BROKERS: got "a:1,b", allowed: host:port, several separated by commas'],
    );
  });

  it("of the watch take the broker's number and address from the pod's name", () => {
    const brokers = "kafka-1.kafka:9093,kafka-10.kafka:9093";
    const settings = readWatchSettings({ KAFKA_BROKERS: brokers, POD_NAME: "kafka-1" });
    assert.equal(settings.broker, 1);
    assert.deepEqual(settings.kafka.brokers, ["kafka-1.kafka:9093"]);
    assert.deepEqual(
      faultsOf(() => readWatchSettings({ KAFKA_BROKERS: brokers, POD_NAME: "kafka" })),
      ['setting POD_NAME: got "kafka", allowed: a name that ends with a number, as in kafka-2'],
    );
  });

  it("are of one topic for the API and the Worker, and name each app to the brokers", () => {
    const environment = { KAFKA_BROKERS: "a:1", TOPICS_FILE: "/topics" };
    const [api, worker] = [readApiSettings(environment), readWorkerSettings(environment)];
    assert.equal(api.KAFKA_TOPIC, worker.KAFKA_TOPIC);
    assert.equal(worker.KAFKA_GROUP, "web-greetings-worker");
    const watch = readWatchSettings({ ...environment, POD_NAME: "kafka-0" });
    const others = [readTopicsSettings(environment), watch];
    assert.deepEqual(
      [api, worker, ...others].map(({ kafka, ADMIN_PORT }) => [kafka.clientId, ADMIN_PORT]),
      [
        ["web-greetings-api", 9090],
        ["web-greetings-worker", 9090],
        ["web-greetings-topics", 9090],
        ["web-greetings-agent", 9090],
      ],
    );
  });

  it("of the watch tell whose lag is measured, and where the JVM's metrics are", () => {
    const environment = { KAFKA_BROKERS: "a:1", POD_NAME: "kafka-1" };
    const plain = readWatchSettings(environment);
    assert.deepEqual([plain.READERS, plain.LAG_MS, plain.JVM_METRICS], [[], 5000, undefined]);
    const given = { READERS: "web.worker:web-greetings, b:c", JVM_METRICS: "http://127.0.0.1:1/m" };
    const settings = readWatchSettings({ ...environment, ...given });
    assert.deepEqual(settings.READERS, [
      { group: "web.worker", topic: "web-greetings" },
      { group: "b", topic: "c" },
    ]);
    assert.equal(settings.JVM_METRICS, "http://127.0.0.1:1/m");
    assert.deepEqual(
      faultsOf(() =>
        readWatchSettings({ ...environment, READERS: "a:b,c", JVM_METRICS: "file:///etc/passwd" }),
      ),
      [
        'setting JVM_METRICS: got "file:///etc/passwd", allowed: an http:// URL',
        'setting READERS: got "a:b,c", allowed: group:topic, several separated by commas',
      ],
    );
  });

  it("of metrics are all of their files, or none and no metrics", () => {
    const files = { METRICS_CA_FILE: "/ca", METRICS_CERT_FILE: "/cert", METRICS_KEY_FILE: "/key" };
    const tls = { caFile: "/ca", certFile: "/cert", keyFile: "/key" };
    const app = { KAFKA_BROKERS: "a:1" };
    const watch = (environment: object) =>
      readWatchSettings({ ...environment, POD_NAME: "kafka-0" });
    for (const read of [readApiSettings, readWorkerSettings, watch]) {
      assert.equal(read(app).metrics, undefined);
      assert.deepEqual(read({ ...app, ...files }).metrics, { port: 9464, tls });
    }
    const own = readConsulAppSettings({}, { ...consul, ...files, METRICS_PORT: "0" });
    assert.deepEqual(own.metrics, { port: 0, tls });
    const rest = "allowed: all of METRICS_CA_FILE, METRICS_CERT_FILE, METRICS_KEY_FILE, or none";
    const wrong = { METRICS_KEY_FILE: "/key", METRICS_PORT: "x" };
    const expected = [
      `setting METRICS_CA_FILE: missing, ${rest}`,
      `setting METRICS_CERT_FILE: missing, ${rest}`,
      'setting METRICS_PORT: got "x", allowed: a whole number from 0 to 65535',
    ];
    assert.deepEqual(
      faultsOf(() => readApiSettings({ KAFKA_BROKERS: "a:1", ...wrong })),
      expected,
    );
    assert.deepEqual(
      faultsOf(() => readConsulAppSettings({}, { ...consul, ...wrong })),
      expected,
    );
  });

  it("of the rack need no brokers, but a node, a file and the API server", () => {
    assert.deepEqual(
      faultsOf(() => readRackSettings({ KUBERNETES_SERVICE_PORT: "0", DEADLINE_MS: "" })),
      [
        "setting JVM_AGENT_FILE: missing, but required",
        "setting KUBERNETES_SERVICE_HOST: missing, but required",
        'setting KUBERNETES_SERVICE_PORT: got "0", allowed: a whole number from 1 to 65535',
        "setting NODE_NAME: missing, but required",
        "setting RACK_FILE: missing, but required",
      ],
    );
  });

  const consul = {
    CONSUL_ADDRESS: "consul-agent.consul.svc:8501",
    CONSUL_CA_FILE: "/ca",
    CONSUL_CERT_FILE: "/cert",
    CONSUL_KEY_FILE: "/key",
    CONSUL_LOGIN_FILE: "/login",
    POD_NAME: "api-0",
    POD_IP: "10.0.0.7",
  };
  const link = {
    address: "consul-agent.consul.svc:8501",
    caFile: "/ca",
    certFile: "/cert",
    keyFile: "/key",
    loginFile: "/login",
    podName: "api-0",
    podIp: "10.0.0.7",
  };

  for (const [app, read] of [
    ["API", readApiSettings],
    ["Worker", readWorkerSettings],
  ] as const) {
    it(`of the ${app} take all that reaches Consul, or nothing of it`, () => {
      assert.equal(read({ KAFKA_BROKERS: "a:1" }).consul, undefined);
      assert.deepEqual(read({ KAFKA_BROKERS: "a:1", ...consul }).consul, link);
    });
  }

  it("name what is missing for Consul, and what of the rest is wrong", () => {
    const rest = `allowed: all of ${Object.keys(consul).join(", ")}, or none`;
    const environment = { KAFKA_BROKERS: "a:1", POD_IP: "pod", CONSUL_ADDRESS: "a", POD_NAME: "p" };
    assert.deepEqual(
      faultsOf(() => readWorkerSettings(environment)),
      [
        `setting CONSUL_ADDRESS: got "a", allowed: host:port`,
        `setting CONSUL_CA_FILE: missing, ${rest}`,
        `setting CONSUL_CERT_FILE: missing, ${rest}`,
        `setting CONSUL_KEY_FILE: missing, ${rest}`,
        `setting CONSUL_LOGIN_FILE: missing, ${rest}`,
        `setting POD_IP: got "pod", allowed: an IP address`,
      ],
    );
  });

  it("of an app that cannot do without Consul ask for all of it", () => {
    const settings = readConsulAppSettings({}, { ...consul, POD_IP: "fd00::7" });
    assert.deepEqual(settings, {
      ADMIN_PORT: 9090,
      LOG_LEVEL: "info",
      metrics: undefined,
      consul: { ...link, podIp: "fd00::7" },
    });
    assert.deepEqual(
      faultsOf(() => readConsulAppSettings({}, { ...consul, CONSUL_CA_FILE: "", ADMIN_PORT: "x" })),
      [
        'setting ADMIN_PORT: got "x", allowed: a whole number from 0 to 65535',
        "setting CONSUL_CA_FILE: missing, but required",
      ],
    );
  });

  it("let no other error pass for a fault of theirs", () => {
    const broken = (): never => {
      throw new TypeError("broken");
    };
    assert.throws(() => settingsOrExit(broken), new TypeError("broken"));
    assert.equal(
      settingsOrExit(({ PATH }) => PATH),
      process.env.PATH,
    );
  });
});
