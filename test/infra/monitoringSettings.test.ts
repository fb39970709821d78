import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { loadSettings, parseSettings } from "../../infra/config.ts";

const none = new Map<string, string>();
const url = "https://hook.example/s3cr3t";

/** The message by which some settings are refused, without its first and last line. */
function refused(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof pulumi.RunError);
    return error.message.split("\n").slice(1, -1).join("\n").trim();
  }
  return "";
}

const parsed = (raw: Record<string, unknown>) => () => parseSettings(raw, none);

describe("settings of monitoring", () => {
  it("switch off what they name, and nothing else", () => {
    const { workloads } = parseSettings({ workloads: { grafana: false } }, none);
    assert.deepEqual(workloads, { prometheus: true, influxdb: true, grafana: false });
  });

  const switches = "allowed: true or false for each of prometheus, influxdb, grafana";
  for (const value of [{ graphana: false }, { grafana: "no" }, ["grafana"], "grafana"]) {
    it(`fail with workloads ${JSON.stringify(value)}`, () => {
      const line = `web-greetings:workloads: got ${JSON.stringify(value)}; ${switches}`;
      assert.equal(refused(parsed({ workloads: value })), line);
    });
  }

  it("fail with Grafana that has no Prometheus to ask", () => {
    assert.equal(
      refused(parsed({ workloads: { prometheus: false } })),
      'web-greetings:workloads: got {"prometheus":false,"influxdb":true,"grafana":true}; ' +
        "allowed: grafana with prometheus alone, which it asks; switch both off, or neither",
    );
    const neither = { prometheus: false, grafana: false };
    assert.equal(refused(parsed({ workloads: neither })), "");
  });

  it("take receivers of every kind", () => {
    const alertReceivers = [
      { kind: "webhook", url, ca: "PEM" },
      { kind: "slack", channel: "#alerts", url },
      { kind: "deadMansSwitch", url },
      {
        kind: "email",
        to: "people@yourcom.example",
        from: "alerts@yourcom.example",
        server: { host: "mail.yourcom.example", port: 587 },
        login: { user: "alerts", password: "s3cr3t" },
      },
    ];
    assert.deepEqual(parseSettings({ alertReceivers }, none).alertReceivers, alertReceivers);
  });

  const faulty: [string, unknown][] = [
    ["what is no list", { kind: "webhook", url }],
    ["an unknown kind", [{ kind: "pager", url }]],
    ["a URL in plain text", [{ kind: "webhook", url: "http://hook.example/s3cr3t" }]],
    ["no URL", [{ kind: "deadMansSwitch" }]],
    ["a key that the kind has not", [{ kind: "slack", channel: "#a", url, to: "s3cr3t" }]],
    ["no port", [{ kind: "email", to: "a", from: "b", server: { host: "mail" } }]],
    [
      "a port that is none",
      [{ kind: "email", to: "a", from: "b", server: { host: "m", port: 0 } }],
    ],
  ];
  for (const [name, value] of faulty) {
    it(`fail with receivers of ${name}, which are not shown`, () => {
      assert.equal(
        refused(parsed({ alertReceivers: value })),
        "web-greetings:alertReceivers: got what is not shown here; allowed: a list of kind: " +
          "webhook (url, ca), slack (channel, url), deadMansSwitch (url, ca), " +
          "email (to, from, server: host and port, login: user and password); " +
          "URLs begin with https://",
      );
    });
  }

  const retentions =
    "allowed: a list of name, days, and, for all but the first, everyMinutes, " +
    "the means that are kept";
  for (const value of [[], [{ name: "week" }], [{ name: "week", days: 7, hours: 2 }], 7]) {
    it(`fail with influxdbRetentions ${JSON.stringify(value)}`, () => {
      const line = `web-greetings:influxdbRetentions: got ${JSON.stringify(value)}; ${retentions}`;
      assert.equal(refused(parsed({ influxdbRetentions: value })), line);
    });
  }
});

describe("receivers of a stack", () => {
  const key = "web-greetings:alertReceivers";
  const before = process.env.PULUMI_CONFIG_SECRET_KEYS;
  const webhook = { kind: "webhook", url };
  const load = (secretKeys: string[] | undefined, receiver: object = webhook) => {
    pulumi.runtime.setAllConfig({ [key]: JSON.stringify([receiver]) });
    if (secretKeys) process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(secretKeys);
    return () => loadSettings(none);
  };

  afterEach(() => {
    pulumi.runtime.setAllConfig({});
    if (before === undefined) delete process.env.PULUMI_CONFIG_SECRET_KEYS;
    else process.env.PULUMI_CONFIG_SECRET_KEYS = before;
  });

  it("are taken from where Pulumi keeps secrets", () => {
    assert.equal(refused(load([key])), "");
  });

  it("are refused in the clear", () => {
    const line =
      `${key}: got what is not shown here; allowed: what was set with ` +
      "`pulumi config set --secret --path`, so that it is encrypted";
    assert.equal(refused(load([])), line);
    assert.equal(refused(load(undefined)), line);
    const server = { host: "mail.yourcom.example", port: 25 };
    const mail = { kind: "email", to: "a@yourcom.example", from: "b@yourcom.example", server };
    assert.equal(refused(load([], mail)), "");
    assert.equal(refused(load([], { ...mail, login: { user: "b", password: "s3cr3t" } })), line);
  });
});
