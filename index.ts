import "./infra/runtime.ts";
import { loadSettings, project } from "./infra/config.ts";
import { loadContexts } from "./infra/kubeconfig.ts";
import { CertificateAuthority } from "./infra/pki.ts";
import { createPlatform } from "./infra/platform.ts";
import { Greetings } from "./workloads/greetings/index.ts";
import { KafkaCluster } from "./workloads/kafka/index.ts";
import { addressOf } from "./workloads/kit/endpoint.ts";
import { NetworkCheck } from "./workloads/networkCheck/index.ts";
import { ZooKeeper } from "./workloads/zookeeper/index.ts";

// Settings: checked before anything else, so that a bad one creates nothing.
const contexts = loadContexts();
const settings = loadSettings(contexts);

// Platform: where the cluster comes from, and who vouches for whom in it.
const platform = createPlatform(settings, contexts);
const authority = new CertificateAuthority("internal", { organization: project });

// Workloads: each is handed the endpoints that it may use, and can reach no other.
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
    },
  ],
});

// Apps.
const greetings = new Greetings("greetings", {
  platform,
  authority,
  kafka: kafka.endpoint,
  topic: kafka.topic("web-greetings"),
  api: { minReplicas: settings.apiMinReplicas, maxReplicas: settings.apiMaxReplicas },
  worker: { minReplicas: settings.workerMinReplicas, maxReplicas: settings.workerMaxReplicas },
});

// Nothing waits for this: it tells whether the cluster keeps to the policies of all the others.
const networkCheck = new NetworkCheck("network-check", { platform });

/** What people open, by name. */
export const urls = { web: platform.publish("web", greetings.service, `web.${settings.domain}`) };

/** Where programs inside the cluster find the servers, `host:port` by name. */
export const endpoints = {
  zookeeper: addressOf(zookeeper.endpoint),
  kafka: addressOf(kafka.endpoint),
};

/** Whether the cluster enforces network policies, found by trying: `enforced`, `NOT ENFORCED`. */
export const networkPolicies = networkCheck.result;

/** Context of the kubeconfig that leads to the cluster. */
export const context = settings.context;
