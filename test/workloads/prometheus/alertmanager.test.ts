import assert from "node:assert/strict";
import { parse } from "yaml";
import {
  clusterArgs,
  type Receiver,
  renderAlertmanager,
  renderCluster,
} from "../../../workloads/prometheus/alertmanagerConfig.ts";
import type { Recorded } from "../../mocks.ts";
import { inputsOf } from "../rooms.ts";
import { recordPrometheus } from "./fixture.ts";

const all: readonly Receiver[] = [
  { kind: "webhook", url: "https://a.example/secret-a" },
  {
    kind: "email",
    to: "people@yourcom.example",
    from: "alerts@yourcom.example",
    server: { host: "mail.yourcom.example", port: 587 },
    login: { user: "alerts", password: "secret-b" },
  },
  { kind: "slack", channel: "#alerts", url: "https://slack.example/secret-c" },
  { kind: "webhook", url: "https://d.example/secret-d", ca: "PEM of d's authority" },
  { kind: "deadMansSwitch", url: "https://e.example/secret-e" },
];

describe("alertmanager.yml", () => {
  it("tells all receivers of everything, the secret part of each in a file", () => {
    const [people, watchdog] = parse(renderAlertmanager(all)).receivers;
    const at = (file: string) => `/etc/monitoring/secrets/${file}`;
    assert.deepEqual(people, {
      name: "people",
      webhook_configs: [
        { url_file: at("webhook-0"), send_resolved: true },
        {
          url_file: at("webhook-3"),
          http_config: { tls_config: { ca: "PEM of d's authority" } },
          send_resolved: true,
        },
      ],
      email_configs: [
        {
          to: "people@yourcom.example",
          from: "alerts@yourcom.example",
          smarthost: "mail.yourcom.example:587",
          auth_username: "alerts",
          auth_password_file: at("email-1"),
          require_tls: true,
          send_resolved: true,
        },
      ],
      slack_configs: [
        {
          api_url_file: at("slack-2"),
          channel: "#alerts",
          text:
            "{{ range .Alerts }}{{ .Annotations.summary }} ({{ .Annotations.runbook_url }})\n" +
            "{{ end }}",
          send_resolved: true,
        },
      ],
    });
    assert.deepEqual(watchdog, {
      name: "dead-mans-switches",
      webhook_configs: [{ url_file: at("deadMansSwitch-4"), send_resolved: false }],
    });
  });

  it("groups alerts of a room, repeats critical ones sooner, and Watchdog all the time", () => {
    const { route } = parse(renderAlertmanager(all));
    assert.deepEqual(route, {
      receiver: "people",
      group_by: ["alertname", "room"],
      group_wait: "10s",
      group_interval: "1m",
      repeat_interval: "12h",
      routes: [
        {
          matchers: ['alertname="Watchdog"'],
          receiver: "dead-mans-switches",
          group_wait: "0s",
          group_interval: "30s",
          repeat_interval: "1m",
        },
        { matchers: ['severity="critical"'], receiver: "people", repeat_interval: "1h" },
      ],
    });
  });

  it("keeps Watchdog to itself without a dead man's switch, and may tell nobody at all", () => {
    const { route, receivers } = parse(renderAlertmanager([]));
    assert.equal(route.routes[0].receiver, "dead-mans-switches");
    assert.deepEqual(receivers, [{ name: "people" }, { name: "dead-mans-switches" }]);
  });

  it("is silent of what is on a node that is down", () => {
    assert.deepEqual(parse(renderAlertmanager([])).inhibit_rules, [
      {
        source_matchers: ['alertname="NodeDown"'],
        target_matchers: ['alertname!="NodeDown"'],
        equal: ["node"],
      },
    ]);
  });

  it("has Alertmanagers certify themselves to each other, and one alone listen for nobody", () => {
    const { tls_server_config, tls_client_config } = parse(renderCluster());
    assert.equal(tls_server_config.client_auth_type, "RequireAndVerifyClientCert");
    assert.equal(tls_client_config.server_name, "alertmanager.prometheus.svc");
    assert.deepEqual(clusterArgs(1), ["--cluster.listen-address="]);
    const peer = (ordinal: number) =>
      `--cluster.peer=alertmanager-${ordinal}.alertmanager-servers.prometheus.svc:9094`;
    assert.deepEqual(clusterArgs(3), [
      "--cluster.listen-address=0.0.0.0:9094",
      "--cluster.advertise-address=$(POD_IP):9094",
      "--cluster.tls-config=/etc/monitoring/config/cluster.yml",
      peer(0),
      peer(1),
      peer(2),
    ]);
  });
});

describe("Alertmanager's secrets", () => {
  let resources: Recorded[];

  before(async () => {
    resources = await recordPrometheus(() => ({ receivers: all }));
  });

  it("are a Secret, a file for each receiver that has one", () => {
    const { stringData } = inputsOf(resources, "Secret", "prometheus-alertmanager-secrets");
    // The engine marks the whole as secret where a part is.
    const { value } = stringData as { value?: Record<string, unknown> };
    assert.deepEqual(Object.keys(value ?? stringData).toSorted(), [
      "deadMansSwitch-4",
      "email-1",
      "slack-2",
      "webhook-0",
      "webhook-3",
    ]);
  });

  it("are nowhere else", () => {
    const others = resources.filter(({ name }) => name !== "prometheus-alertmanager-secrets");
    assert.doesNotMatch(JSON.stringify(others), /secret-[a-e]/);
  });

  it("roll Alertmanager when another takes the place of one", () => {
    const { annotations } = inputsOf(resources, "StatefulSet", "prometheus-alertmanager").spec
      .template.metadata;
    assert.deepEqual(
      Object.keys(annotations)
        .map((key) => key.split("/")[1])
        .toSorted(),
      ["certificate", "config", "secrets"],
    );
  });
});
