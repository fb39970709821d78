import assert from "node:assert/strict";
import { parse } from "yaml";
import { fileOf, paths, renderIni } from "../../../workloads/grafana/config.ts";
import { renderProviders, renderSources } from "../../../workloads/grafana/provisioning.ts";
import { SCRAPE_SECONDS, sources } from "../../../workloads/kit/dashboard.ts";
import { INTERVAL } from "../../../workloads/prometheus/jobs.ts";
import { allDashboards } from "./dashboards.ts";

/** Settings of an ini text, as `section.key`. */
function settingsOf(ini: string): Record<string, string> {
  let section = "";
  return Object.fromEntries(
    ini.split("\n").flatMap((line) => {
      const [, named] = /^\[(.+)\]$/.exec(line) ?? [];
      if (named) section = named;
      const [, key, value = ""] = /^(\w+) = (.*)$/.exec(line) ?? [];
      return key ? [[`${section}.${key}`, value]] : [];
    }),
  );
}

describe("grafana.ini", () => {
  const settings = settingsOf(renderIni(undefined));

  it("speaks TLS with the pod's certificate", () => {
    assert.equal(settings["server.protocol"], "https");
    assert.equal(settings["server.http_port"], "3000");
    assert.equal(settings["server.cert_file"], "/etc/grafana/tls/tls.crt");
    assert.equal(settings["server.cert_key"], "/etc/grafana/tls/tls.key");
    assert.equal(settings["security.cookie_secure"], "true");
  });

  it("lets in nobody but the administrator, by secrets that stand in files", () => {
    assert.equal(settings["auth.anonymous.enabled"], "false");
    assert.equal(settings["users.allow_sign_up"], "false");
    assert.equal(settings["users.allow_org_create"], "false");
    assert.equal(settings["security.admin_user"], "admin");
    const password = "$__file{/etc/grafana/secrets/admin-password}";
    assert.equal(settings["security.admin_password"], password);
    assert.equal(settings["security.secret_key"], "$__file{/etc/grafana/secrets/secret-key}");
  });

  it("asks nothing of the internet", () => {
    for (const [key, value] of Object.entries({
      "analytics.reporting_enabled": "false",
      "analytics.check_for_updates": "false",
      "analytics.check_for_plugin_updates": "false",
      "news.news_feed_enabled": "false",
      "security.disable_gravatar": "true",
      "snapshots.external_enabled": "false",
      "plugins.preinstall_disabled": "true",
      "plugins.plugin_admin_enabled": "false",
      "plugins.public_key_retrieval_disabled": "true",
    })) {
      assert.equal(settings[key], value, key);
    }
  });

  it("shows its metrics to nobody, and opens with the dashboard that it is told of", () => {
    assert.equal(settings["metrics.enabled"], "false");
    assert.equal(settings["dashboards.default_home_dashboard_path"], undefined);
    const told = settingsOf(renderIni("/a.json"));
    assert.equal(told["dashboards.default_home_dashboard_path"], "/a.json");
  });
});

describe("the data sources", () => {
  const influxdb = { address: "i.i.svc:8086", database: "telegraf", user: "grafana" };
  const read = (with_: typeof influxdb | undefined) =>
    parse(renderSources({ prometheus: "p.p.svc:9090", influxdb: with_ }));

  it("are those that dashboards ask, and take away what is no more", () => {
    const { apiVersion, prune, datasources } = read(influxdb);
    assert.deepEqual([apiVersion, prune], [1, true]);
    assert.deepEqual(
      datasources.map(({ type, uid }: Record<string, string>) => ({ type, uid })),
      [sources.prometheus, sources.influxdb],
    );
    assert.equal(read(undefined).datasources.length, 1);
  });

  it("are told how often Prometheus asks its targets", () => {
    assert.equal(SCRAPE_SECONDS, INTERVAL);
  });

  it("are Prometheus with Grafana's certificate, verified by the authority's", () => {
    assert.deepEqual(read(influxdb).datasources[0], {
      access: "proxy",
      orgId: 1,
      editable: false,
      type: "prometheus",
      uid: "prometheus",
      name: "Prometheus",
      url: "https://p.p.svc:9090",
      isDefault: true,
      jsonData: {
        httpMethod: "POST",
        timeInterval: "15s",
        manageAlerts: false,
        tlsAuth: true,
        tlsAuthWithCACert: true,
        tlsSkipVerify: false,
        serverName: "p.p.svc",
      },
      secureJsonData: {
        tlsCACert: "$__file{/etc/grafana/tls/ca.crt}",
        tlsClientCert: "$__file{/etc/grafana/tls/tls.crt}",
        tlsClientKey: "$__file{/etc/grafana/tls/tls.key}",
      },
    });
  });

  it("are InfluxDB as a user who may read, verified by the authority's certificate", () => {
    assert.deepEqual(read(influxdb).datasources[1], {
      access: "proxy",
      orgId: 1,
      editable: false,
      type: "influxdb",
      uid: "influxdb",
      name: "InfluxDB",
      url: "https://i.i.svc:8086",
      user: "grafana",
      jsonData: {
        version: "InfluxQL",
        dbName: "telegraf",
        httpMode: "POST",
        timeInterval: "15s",
        tlsAuth: false,
        tlsAuthWithCACert: true,
        tlsSkipVerify: false,
      },
      secureJsonData: {
        tlsCACert: "$__file{/etc/grafana/tls/ca.crt}",
        password: "$__file{/etc/grafana/secrets/influxdb-password}",
      },
    });
  });
});

describe("the providers of dashboards", () => {
  const all = allDashboards();
  const { providers } = parse(renderProviders(all));

  it("are one a folder, which nobody changes but the code", () => {
    const folders = [...new Set(all.map(({ folder }) => folder))];
    assert.deepEqual(
      providers.map(({ folder }: Record<string, string>) => folder),
      folders,
    );
    assert.deepEqual(parse(renderProviders([{ folder: "Two Words", uid: "a", json: "{}" }])), {
      apiVersion: 1,
      providers: [
        {
          name: "two-words",
          orgId: 1,
          folder: "Two Words",
          folderUid: "two-words",
          type: "file",
          disableDeletion: false,
          allowUiUpdates: false,
          updateIntervalSeconds: 3600,
          options: { path: "/etc/grafana/dashboards/two-words" },
        },
      ],
    });
  });

  it("look where each dashboard's file is, and nowhere that another's is", () => {
    const found = all.map((of) =>
      providers
        .filter(({ options }: { readonly options: { readonly path: string } }) =>
          fileOf(of).startsWith(`${options.path}/`),
        )
        .map(({ folder }: Record<string, string>) => folder),
    );
    assert.deepEqual(
      found,
      all.map(({ folder }) => [folder]),
    );
    assert.ok(all.every((of) => fileOf(of).startsWith(paths.dashboards)));
  });
});
