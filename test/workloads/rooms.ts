import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../infra/pki.ts";
import type { Database, Platform } from "../../infra/platform.ts";
import { Consul, type ConsulArgs } from "../../workloads/consul/index.ts";
import { Greetings, type GreetingsArgs } from "../../workloads/greetings/index.ts";
import { KafkaCluster, type KafkaClusterArgs } from "../../workloads/kafka/index.ts";
import { ZooKeeper, type ZooKeeperArgs } from "../../workloads/zookeeper/index.ts";
import { type Recorded, record } from "../mocks.ts";

/** What a test wants to be otherwise than in the dev stack. */
export interface Wishes {
  readonly platform?: Partial<Platform>;
  readonly consul?: Partial<ConsulArgs>;
  readonly zookeeper?: Partial<ZooKeeperArgs>;
  readonly kafka?: Partial<KafkaClusterArgs>;
  readonly greetings?: Partial<GreetingsArgs>;
}

/** All rooms as the stack joins them. */
export interface Rooms {
  readonly consul: Consul;
  readonly zookeeper: ZooKeeper;
  readonly kafka: KafkaCluster;
  readonly greetings: Greetings;
}

/** A small platform that keeps nothing and has every image. */
export function fakePlatform(wishes: Partial<Platform> = {}): Platform {
  return {
    provider: new k8s.Provider("cluster", {}),
    zones: ["local"],
    scale: "small",
    retain: false,
    adopt: false,
    storageClass: () => undefined,
    image: (app) => `localhost:5000/web-greetings/${app}@sha256:${"0".repeat(64)}`,
    context: "minikube",
    publiclyTrusted: false,
    database: () => undefined,
    openedAs: () => "192.0.2.10",
    publish: (name) => pulumi.output(`http://${name}`),
    ...wishes,
  };
}

/** A database that a platform keeps outside the cluster. */
export function fakeDatabase(): Database {
  return {
    host: pulumi.output("db.rds.example"),
    port: 5432,
    cidrs: ["10.64.10.0/27", "10.64.20.0/27"],
    caPem: "PEM",
    version: "17",
    name: "greetings",
    user: "postgres",
    password: pulumi.secret("trial-password"),
  };
}

/** Makes the rooms; to be called under mocks. */
export function makeRooms(wishes: Wishes = {}): Rooms {
  const platform = fakePlatform(wishes.platform);
  const authority = new CertificateAuthority("internal", { organization: "yourcom.example" });
  const common = { platform, authority };
  const consul = new Consul("consul", {
    ...common,
    consumers: Greetings.consumers,
    ...wishes.consul,
  });
  const zookeeper = new ZooKeeper("zookeeper", { ...common, ...wishes.zookeeper });
  const topics = [{ name: "web-greetings", partitions: 6, retentionHours: 168 }];
  const kafka = new KafkaCluster("kafka", { ...common, zookeeper, topics, ...wishes.kafka });
  const greetings = new Greetings("greetings", {
    ...common,
    consul: consul.endpoint,
    kafka: kafka.endpoint,
    topic: kafka.topic("web-greetings"),
    ...wishes.greetings,
  });
  return { consul, zookeeper, kafka, greetings };
}

/** Everything that the rooms register, under mocks. */
export function recordRooms(wishes: Wishes): Promise<Recorded[]> {
  return record(() => {
    makeRooms(wishes);
  });
}

let plain: Promise<Recorded[]> | undefined;

/** Everything that the rooms register as they are, recorded once for all tests. */
export function plainRooms(): Promise<Recorded[]> {
  plain ??= recordRooms({});
  return plain;
}

/** Inputs of the one resource of a kind and a name. */
// biome-ignore lint/suspicious/noExplicitAny: the inputs of any resource, of any shape
export function inputsOf(resources: readonly Recorded[], kind: string, name: string): any {
  const found = resources.filter((r) => r.type.endsWith(`:${kind}`) && r.name === name);
  if (found.length !== 1) throw new Error(`${found.length} resources are ${kind} ${name}`);
  return found[0]?.inputs;
}

/** `kind name` of every Kubernetes object of a namespace, sorted; what has none is of "". */
export function objectsIn(resources: readonly Recorded[], namespace: string): string[] {
  return (
    resources
      .filter(({ type }) => type.startsWith("kubernetes:"))
      // biome-ignore lint/suspicious/noExplicitAny: the inputs of any resource, of any shape
      .filter(({ inputs }) => ((inputs as any).metadata?.namespace ?? "") === namespace)
      .map(({ type, name }) => `${type.split(":").at(-1)} ${name}`)
      .sort()
  );
}
