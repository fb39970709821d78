import * as pulumi from "@pulumi/pulumi";
import { clientTls, hostOf, names, paths, ports, serverTls, yaml } from "./config.ts";
import { WATCHDOG } from "./rules.ts";

/** A URL that alerts are posted to, as Alertmanager's JSON. */
export interface Webhook {
  readonly kind: "webhook";
  /** `https://host[:port]/...`; kept in a Secret alone, since whoever knows it can post there. */
  readonly url: string;
  /** Certificate of who vouches for the server, PEM. @default whom everybody trusts */
  readonly ca?: string | undefined;
}

/** Somebody who gets e-mails, over TLS. */
export interface Email {
  readonly kind: "email";
  readonly to: string;
  readonly from: string;
  /** Server that takes them. */
  readonly server: { readonly host: string; readonly port: number };
  /** The password is kept in a Secret alone. @default none: the server takes mail of anybody */
  readonly login?: { readonly user: string; readonly password: string } | undefined;
}

/** A channel of Slack. */
export interface Slack {
  readonly kind: "slack";
  /** Such as `#alerts`. */
  readonly channel: string;
  /** URL of an incoming webhook; kept in a Secret alone. */
  readonly url: string;
}

/** Who is posted to every minute as long as alerts are on their way, and raises one when not. */
export interface DeadMansSwitch extends Omit<Webhook, "kind"> {
  readonly kind: "deadMansSwitch";
}

/** Who gets to know of alerts. */
export type Receiver = Webhook | Email | Slack | DeadMansSwitch;

/** Files of Alertmanager's configuration. */
export const files = {
  alertmanager: "alertmanager.yml",
  web: "web.yml",
  cluster: "cluster.yml",
  client: "client.yml",
} as const;

const PEOPLE = "people";
const SWITCHES = "dead-mans-switches";

const fileOf = (receiver: Receiver, index: number) => `${receiver.kind}-${index}`;
const at = (file: string) => `${paths.secrets}/${file}`;

function secretOf(receiver: Receiver): string | undefined {
  return receiver.kind === "email" ? receiver.login?.password : receiver.url;
}

/** Secret parts of receivers, by the names of the files that alertmanager.yml speaks of. */
export function secretsOf(
  receivers: readonly Receiver[],
): Readonly<Record<string, pulumi.Output<string>>> {
  const secrets = receivers.map((receiver, index) => {
    const secret = secretOf(receiver);
    return secret === undefined ? [] : [[fileOf(receiver, index), pulumi.secret(secret)] as const];
  });
  return Object.fromEntries(secrets.flat());
}

function portOf(receiver: Receiver): number {
  switch (receiver.kind) {
    case "webhook":
    case "slack":
    case "deadMansSwitch":
      return Number(new URL(receiver.url).port || 443);
    case "email":
      return receiver.server.port;
  }
}

/** Ports at which receivers are, somewhere outside the cluster; each once. */
export function portsOf(receivers: readonly Receiver[]): number[] {
  return [...new Set(receivers.map(portOf))].toSorted((a, b) => a - b);
}

/** What an alert means in a line, and where it is written what to do. */
const TEXT =
  "{{ range .Alerts }}{{ .Annotations.summary }} ({{ .Annotations.runbook_url }})\n{{ end }}";

/** Receivers of a kind, as Alertmanager calls it, one of them. */
function renderReceiver(receiver: Receiver, index: number): Readonly<Record<string, object>> {
  const file = at(fileOf(receiver, index));
  switch (receiver.kind) {
    case "webhook":
      return { webhook_configs: renderWebhook(receiver, file, true) };
    case "deadMansSwitch":
      return { webhook_configs: renderWebhook(receiver, file, false) };
    case "slack": {
      const { channel } = receiver;
      return {
        slack_configs: { api_url_file: file, channel, text: TEXT, send_resolved: true },
      };
    }
    case "email": {
      const { to, from, server, login } = receiver;
      return {
        email_configs: {
          to,
          from,
          smarthost: `${server.host}:${server.port}`,
          ...(login ? { auth_username: login.user, auth_password_file: file } : {}),
          require_tls: true,
          send_resolved: true,
        },
      };
    }
  }
}

function renderWebhook({ ca }: Pick<Webhook, "ca">, file: string, resolved: boolean): object {
  const http = ca ? { http_config: { tls_config: { ca } } } : {};
  return { url_file: file, ...http, send_resolved: resolved };
}

/** Some of the receivers as one: what it is sent, all of them get. */
function renderTogether(
  name: string,
  receivers: readonly Receiver[],
  included: (receiver: Receiver) => boolean,
): object {
  const configs: Record<string, object[]> = {};
  for (const [index, receiver] of receivers.entries()) {
    if (!included(receiver)) continue;
    for (const [kind, config] of Object.entries(renderReceiver(receiver, index))) {
      configs[kind] = [...(configs[kind] ?? []), config];
    }
  }
  return { name, ...configs };
}

function renderRoute(): object {
  return {
    receiver: PEOPLE,
    group_by: ["alertname", "room"],
    // What comes with the first of its kind goes with it; what comes later waits for some more.
    group_wait: "10s",
    group_interval: "1m",
    repeat_interval: "12h",
    routes: [
      {
        matchers: [`alertname="${WATCHDOG}"`],
        receiver: SWITCHES,
        group_wait: "0s",
        group_interval: "30s",
        repeat_interval: "1m",
      },
      { matchers: ['severity="critical"'], receiver: PEOPLE, repeat_interval: "1h" },
    ],
  };
}

/**
 * alertmanager.yml; nothing secret is in it.
 * https://prometheus.io/docs/alerting/latest/configuration/
 */
export function renderAlertmanager(receivers: readonly Receiver[]): string {
  const isSwitch = ({ kind }: Receiver) => kind === "deadMansSwitch";
  return yaml({
    route: renderRoute(),
    receivers: [
      renderTogether(PEOPLE, receivers, (receiver) => !isSwitch(receiver)),
      renderTogether(SWITCHES, receivers, isSwitch),
    ],
    // With a node all that is on it is away: one alert says so.
    inhibit_rules: [
      {
        source_matchers: ['alertname="NodeDown"'],
        target_matchers: ['alertname!="NodeDown"'],
        equal: ["node"],
      },
    ],
  });
}

/** cluster.yml: how Alertmanagers talk to each other, with certificates on both sides. */
export function renderCluster(): string {
  return yaml({
    tls_server_config: serverTls,
    tls_client_config: { ...clientTls, server_name: hostOf(names.alertmanager) },
  });
}

/** Alertmanager's flags about the others; one alone listens for nobody. */
export function clusterArgs(replicas: number): string[] {
  if (replicas === 1) return ["--cluster.listen-address="];
  const host = (ordinal: number) =>
    `${names.alertmanager}-${ordinal}.${hostOf(names.alertmanagerServers)}:${ports.cluster}`;
  return [
    `--cluster.listen-address=0.0.0.0:${ports.cluster}`,
    `--cluster.advertise-address=$(POD_IP):${ports.cluster}`,
    `--cluster.tls-config=${paths.config}/${files.cluster}`,
    ...Array.from({ length: replicas }, (_, ordinal) => `--cluster.peer=${host(ordinal)}`),
  ];
}
