import "./infra/runtime.ts";
import * as pulumi from "@pulumi/pulumi";
import { loadSettings, project } from "./infra/config.ts";
import { loadContexts } from "./infra/kubeconfig.ts";
import { CertificateAuthority } from "./infra/pki.ts";
import { createPlatform } from "./infra/platform.ts";
import { Console } from "./workloads/console/index.ts";
import { Consul } from "./workloads/consul/index.ts";
import { ManagedDatabase } from "./workloads/database/index.ts";
import { Edge } from "./workloads/edge/index.ts";
import { Grafana, overviewDashboard } from "./workloads/grafana/index.ts";
import { Greetings } from "./workloads/greetings/index.ts";
import { InfluxDb } from "./workloads/influxdb/index.ts";
import { KafkaCluster } from "./workloads/kafka/index.ts";
import { addressOf } from "./workloads/kit/endpoint.ts";
import { urlsOf } from "./workloads/kit/webInterface.ts";
import { Migrations } from "./workloads/migrations/index.ts";
import { NetworkCheck } from "./workloads/networkCheck/index.ts";
import { Prometheus } from "./workloads/prometheus/index.ts";
import { ZooKeeper } from "./workloads/zookeeper/index.ts";

// Settings: checked before anything else, so that a bad one creates nothing.
const contexts = loadContexts();
const settings = loadSettings(contexts);
const { workloads } = settings;

// Platform: where the cluster comes from, and who vouches for whom in it.
const platform = createPlatform(settings, contexts);
const authority = new CertificateAuthority("internal", {
  organization: project,
  edition: settings.certificateEdition,
});

// Workloads: each is handed the endpoints that it may use, and can reach no other.
const consul = new Consul("consul", {
  platform,
  authority,
  version: settings.consulVersion,
  replicas: settings.consulReplicas,
  datacenter: settings.consulDatacenter,
  domain: settings.consulDomain,
  gossipKeyEdition: settings.consulGossipKeyEdition,
  consumers: [
    ...Greetings.consumers,
    ...Edge.consumers,
    ...(workloads.prometheus ? Prometheus.consumers : []),
  ],
});
const zookeeper = new ZooKeeper("zookeeper", {
  platform,
  authority,
  version: settings.zookeeperVersion,
  replicas: settings.zookeeperReplicas,
});
const kafka = new KafkaCluster("kafka", {
  platform,
  authority,
  zookeeper,
  version: settings.kafkaVersion,
  replicas: settings.kafkaReplicas,
  heapMiB: settings.kafkaHeapMiB,
  topics: [
    {
      name: "web-greetings",
      partitions: settings.topicPartitions,
      retentionHours: settings.topicRetentionHours,
      readers: [Greetings.workerGroup],
    },
  ],
});

// The database, where the platform keeps one, and what is to be in it before the apps come.
const kept = platform.database("greetings");
const database = kept && new ManagedDatabase("database", { platform, database: kept });
const migrations =
  database && new Migrations("migrations", { platform, database: database.access });

// Apps.
const greetings = new Greetings("greetings", {
  platform,
  authority,
  consul: consul.endpoint,
  kafka: kafka.endpoint,
  topic: kafka.topic("web-greetings"),
  after: migrations ? [migrations] : [],
  api: { minReplicas: settings.apiMinReplicas, maxReplicas: settings.apiMaxReplicas },
  worker: { minReplicas: settings.workerMinReplicas, maxReplicas: settings.workerMaxReplicas },
});

// The way in.
const webHost = `web.${settings.domain}`;
const edge = new Edge("edge", {
  platform,
  authority,
  consul: consul.endpoint,
  upstream: greetings.api,
  replicas: settings.edgeReplicas,
  hosts: [platform.openedAs(webHost)],
});

// Monitoring: it watches over the rooms that it is handed.
const influxdb = workloads.influxdb
  ? new InfluxDb("influxdb", {
      platform,
      authority,
      zookeeper,
      kafka,
      retentions: settings.influxdbRetentions,
    })
  : undefined;
const rooms = [consul, zookeeper, kafka, greetings, edge, ...(influxdb ? [influxdb] : [])];
const prometheus = workloads.prometheus
  ? new Prometheus("prometheus", {
      platform,
      authority,
      consul: consul.endpoint,
      rooms,
      certificates: authority.ends,
      retentionDays: settings.prometheusRetentionDays,
      retentionGiB: settings.prometheusRetentionGiB,
      receivers: settings.alertReceivers,
    })
  : undefined;
const grafana =
  prometheus && workloads.grafana
    ? new Grafana("grafana", {
        platform,
        authority,
        prometheus: prometheus.endpoint,
        influxdb,
        dashboards: [overviewDashboard, ...[...rooms, prometheus].flatMap((of) => of.dashboards)],
      })
    : undefined;

// The operators' way in: behind a login where the platform has one, else by `make ui` alone.
const webInterfaces = {
  consul: consul.ui,
  ...(prometheus ? { prometheus: prometheus.ui, alertmanager: prometheus.alertmanagerUi } : {}),
  ...(grafana ? { grafana: grafana.ui } : {}),
};
const gateway =
  platform.operatorsDoor &&
  new Console("console", {
    platform,
    authority,
    door: platform.operatorsDoor,
    domain: settings.domain,
    interfaces: webInterfaces,
  });

// Nothing waits for this: it tells whether the cluster keeps to the policies of all the others.
const networkCheck = new NetworkCheck("network-check", { platform });

/** What people open, by name. */
export const urls = {
  web: platform.publish("web", edge.service, { host: webHost, healthPath: "/health" }),
  ...gateway?.urls,
};

/** Web interfaces inside the cluster, by name: `make ui` brings them to this machine. */
export const interfaces = urlsOf(webInterfaces);

/** Where web pages are opened, and the bucket to put them in; empty where there is no such place. */
export const staticSite = platform.staticSite ?? "";

/** Certificate of the authority to verify that with, PEM; empty where everybody trusts it. */
export const ca = platform.publiclyTrusted ? "" : authority.certPem;

/** Where programs inside the cluster find the servers, `host:port` by name. */
export const endpoints = {
  consul: addressOf(consul.endpoint),
  zookeeper: addressOf(zookeeper.endpoint),
  kafka: addressOf(kafka.endpoint),
  ...(influxdb ? { influxdb: addressOf(influxdb.endpoint) } : {}),
  ...(prometheus
    ? {
        prometheus: addressOf(prometheus.endpoint),
        alertmanager: addressOf(prometheus.alertmanager),
      }
    : {}),
};

/** What people log in with, by the name of the system; secret. */
export const logins = {
  consul: consul.managementToken,
  ...(grafana ? { grafana: grafana.login } : {}),
};

/** Certificate by which people are let in where programs are, by `make ui`; secret. */
export const operator = pulumi.secret(
  authority.issue("operator", { commonName: "operator", dnsNames: [] }),
);

/** Whether the cluster enforces network policies, found by trying: `enforced`, `NOT ENFORCED`. */
export const networkPolicies = networkCheck.result;

/** Context of the kubeconfig that leads to the cluster. */
export const context = platform.context;

/** A kubeconfig with that context; empty where it was there before the stack. */
export const kubeconfig = platform.kubeconfig ?? "";
