import { RunError } from "@pulumi/pulumi";
import type { Scale } from "../../infra/platform.ts";
import type { Dashboard } from "../kit/dashboard.ts";
import type { Resources } from "../kit/pod.ts";

/** TCP port of Grafana: its pages and its API, TLS only. */
export const PORT = 3000;

/** Names that DNS names are made of. */
export const names = {
  namespace: "grafana",
  service: "grafana",
  servers: "grafana-servers",
} as const;

/** Who logs in first. */
export const ADMIN = "admin";

/** Where Grafana has its files; its image sets `home`, `data` and `provisioning` by variables too. */
export const paths = {
  home: "/usr/share/grafana",
  config: "/etc/grafana/config",
  provisioning: "/etc/grafana/provisioning",
  dashboards: "/etc/grafana/dashboards",
  secrets: "/etc/grafana/secrets",
  tls: "/etc/grafana/tls",
  data: "/var/lib/grafana",
} as const;

/** Its configuration files, as the ConfigMap names them. */
export const files = {
  ini: "grafana.ini",
  sources: "sources.yaml",
  providers: "providers.yaml",
} as const;

/** Its secrets, as the Secret names them. */
export const secrets = {
  admin: "admin-password",
  key: "secret-key",
  influxdb: "influxdb-password",
} as const;

/** Size of Grafana by target, and of its volume in GiB. */
export interface Size extends Resources {
  readonly dataGiB: number;
}

/** Sizes of Grafana by target. */
export const sizes: Readonly<Record<Scale, Size>> = {
  small: { cpu: 0.02, cpuLimit: 1, memoryMiB: 384, dataGiB: 10 },
  full: { cpu: 0.1, cpuLimit: 2, memoryMiB: 768, dataGiB: 10 },
};

/** Seconds to stop in: what people have just asked is answered. */
export const STOP_SECONDS = 30;

/** Part of a path that a folder's dashboards are below. */
export function pathOf(folder: string): string {
  return folder.toLowerCase().replaceAll(" ", "-");
}

/** The file of a dashboard in the pod. */
export function fileOf({ folder, uid }: Dashboard): string {
  return `${paths.dashboards}/${pathOf(folder)}/${uid}/${uid}.json`;
}

/**
 * Refuses dashboards that Grafana would take for one.
 *
 * @throws RunError naming what they share
 */
export function requireDistinct(dashboards: readonly Dashboard[]) {
  const uids = dashboards.map(({ uid }) => uid);
  const twice = uids.find((uid, index) => uids.indexOf(uid) !== index);
  if (twice === undefined) return;
  throw new RunError(
    `two dashboards have the uid ${JSON.stringify(twice)}; allowed: one of each; rename one`,
  );
}

type Section = Readonly<Record<string, string | number | boolean>>;

/** A value that Grafana takes from a file, so that it stands in no configuration. */
export function fromFile(path: string): string {
  return `$__file{${path}}`;
}

/**
 * grafana.ini: TLS, one who may log in, nobody else, and nothing of the internet.
 * https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/
 *
 * @param home file of the dashboard that people see first; undefined: Grafana's own page
 */
export function renderIni(home: string | undefined): string {
  const sections: Readonly<Record<string, Section>> = {
    paths: { data: paths.data, provisioning: paths.provisioning },
    server: {
      protocol: "https",
      http_port: PORT,
      cert_file: `${paths.tls}/tls.crt`,
      cert_key: `${paths.tls}/tls.key`,
    },
    security: {
      admin_user: ADMIN,
      admin_password: fromFile(`${paths.secrets}/${secrets.admin}`),
      secret_key: fromFile(`${paths.secrets}/${secrets.key}`),
      cookie_secure: true,
      cookie_samesite: "lax",
      // `make ui` opens it under these names, and passes requests on under that of the service.
      csrf_trusted_origins: "localhost 127.0.0.1",
      disable_gravatar: true,
    },
    users: { allow_sign_up: false, allow_org_create: false },
    "auth.anonymous": { enabled: false },
    analytics: {
      reporting_enabled: false,
      check_for_updates: false,
      check_for_plugin_updates: false,
      feedback_links_enabled: false,
    },
    news: { news_feed_enabled: false },
    snapshots: { external_enabled: false },
    plugins: {
      // What it needs is in the image; the rest it would fetch at every start.
      preinstall_disabled: true,
      plugin_admin_enabled: false,
      public_key_retrieval_disabled: true,
    },
    // Whoever would ask for its metrics would have to be there before it, and it comes after them.
    metrics: { enabled: false },
    // Rules are Prometheus', and Alertmanager tells people.
    unified_alerting: { enabled: false },
    // The console passes no WebSockets on; dashboards ask anew by themselves.
    live: { max_connections: 0 },
    log: { mode: "console", level: "info" },
    "log.console": { format: "json" },
    ...(home === undefined ? {} : { dashboards: { default_home_dashboard_path: home } }),
  };
  return Object.entries(sections).map(renderSection).join("\n");
}

function renderSection([name, section]: [string, Section]): string {
  const lines = Object.entries(section).map(([key, value]) => `${key} = ${value}\n`);
  return `[${name}]\n${lines.join("")}`;
}
