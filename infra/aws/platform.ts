import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apps } from "../../apps/build.ts";
import { project, type Settings } from "../config.ts";
import { AppImages, type AppName } from "../images.ts";
import { nodePortOf } from "../nodePort.ts";
import type {
  OperatorsDoor,
  OperatorsWayIn,
  Platform,
  Scale,
  StaticSite,
  WayIn,
} from "../platform.ts";
import { kubeconfigOf } from "./access.ts";
import { accountOf } from "./account.ts";
import { createEarlyAddons, createLateAddons } from "./addons.ts";
import { createBucket } from "./buckets.ts";
import { Cluster } from "./cluster.ts";
import { Database, type DatabaseArgs } from "./database.ts";
import { createKey } from "./keys.ts";
import { type LoadBalancer, NOTICES_WITHIN } from "./loadBalancer.ts";
import { Login } from "./login.ts";
import { Network } from "./network.ts";
import { Nodes } from "./nodes.ts";
import { Registry } from "./registry.ts";
import { createStorageClasses, type StorageClasses } from "./storage.ts";
import { warnBeforeEnd } from "./versions.ts";
import { volumeKeyPolicy } from "./volumeKey.ts";
import { createWaysIn } from "./wayIn.ts";

/** Size of a node's own volume: images and logs, no data. */
const NODE_GIB = 50;

/** The first port that Kubernetes gives to a service on its nodes. */
const FIRST_NODE_PORT = 30_000;

/** What the stack's resources on AWS have in common. */
interface Common {
  /** Prefix of what has a name in the account: `<name>-<stack>`. */
  readonly name: string;
  readonly settings: Settings;
  readonly zones: readonly string[];
  /** Number of the account that the credentials are of. */
  readonly account: pulumi.Output<string>;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * A cluster of our own on AWS, with all that it needs: network, nodes, registry, names and the load
 * balancer that people come in by. No controller in the cluster makes anything on AWS but volumes,
 * so that `pulumi destroy` knows all there is.
 */
class AwsPlatform extends pulumi.ComponentResource implements Platform {
  readonly provider: k8s.Provider;
  readonly zones: readonly string[];
  readonly scale: Scale;
  readonly retain: boolean;
  readonly adopt: boolean;
  readonly context: string;
  readonly kubeconfig: pulumi.Output<string>;
  readonly publiclyTrusted = true;
  readonly staticSite: StaticSite;
  readonly operatorsDoor?: OperatorsDoor;
  readonly #images: AppImages;
  readonly #loadBalancer: LoadBalancer;
  readonly #storage: StorageClasses;
  readonly #createDatabase: (name: string) => Database;

  constructor(common: Common, opts: pulumi.ComponentResourceOptions) {
    super("web-greetings:aws:Platform", "aws", {}, opts);
    const { name, settings, zones } = common;
    const { retain } = settings;
    this.zones = zones;
    this.scale = settings.scale;
    this.retain = retain;
    this.adopt = settings.adopt;
    this.context = name;
    const network = new Network(
      "network",
      {
        name,
        cidr: settings.vpcCidr,
        zones,
        natGateways: settings.natGateways,
        interfaceEndpoints: settings.interfaceEndpoints,
      },
      { parent: this },
    );
    const volumeKey = this.#volumeKey(common);
    const { cluster, nodes, ready } = this.#cluster(common, network, volumeKey);
    // Whatever is in Kubernetes comes after nodes and drivers, and goes before them.
    this.kubeconfig = pulumi
      .all([kubeconfigOf(cluster, settings.awsRegion), ready])
      .apply(([kubeconfig]) => kubeconfig);
    this.provider = new k8s.Provider(
      "cluster",
      { kubeconfig: this.kubeconfig, clusterIdentifier: name },
      { parent: this },
    );
    this.#storage = createStorageClasses({ retain, key: volumeKey }, this, this.provider);
    this.#images = new AppImages(
      new Registry("registry", { name, apps, retain }, { parent: this }),
    );
    this.#createDatabase = (of) => createDatabase(of, { ...common, network, nodes }, this);
    const { loadBalancer, pages } = createWaysIn({ ...common, network, nodes }, this);
    this.#loadBalancer = loadBalancer;
    this.staticSite = { url: pages.url, bucket: pages.bucket };
    if (settings.operators.length > 0) {
      this.operatorsDoor = {
        // The load balancer stands there, and asks from there whether nodes can serve.
        cidrs: network.publicCidrs,
        noticesWithin: NOTICES_WITHIN,
        publish: (...of) => this.#publishGuarded(common, ...of),
      };
    }
    this.#createBuckets(common);
    this.registerOutputs({});
  }

  storageClass(kind: "fast" | "bulk"): pulumi.Output<string> {
    return this.#storage[kind];
  }

  image(app: AppName): pulumi.Output<string> {
    return this.#images.reference(app);
  }

  database(name: string): Database {
    return this.#createDatabase(name);
  }

  openedAs(host: string): string {
    return host;
  }

  publish(name: string, service: k8s.core.v1.Service, way: WayIn): pulumi.Output<string> {
    return this.#loadBalancer.open(name, { ...way, nodePort: portOf(name, service) });
  }

  #publishGuarded(common: Common, of: string, service: k8s.core.v1.Service, way: OperatorsWayIn) {
    const { name, settings } = common;
    const { operators, retain } = settings;
    const hosts = Object.values(way.hosts);
    const login = new Login("login", { name, operators, hosts, retain }, { parent: this });
    return this.#loadBalancer.openGuarded(of, { ...way, login, nodePort: portOf(of, service) });
  }

  #volumeKey({ settings, account }: Common): aws.kms.Key {
    const policy = account.apply((id) => volumeKeyPolicy(id, settings.awsRegion));
    const purpose = "volumes of nodes and pods";
    return createKey("volumes", { purpose, retain: settings.retain, policy }, this);
  }

  #cluster({ name, settings, zones, tags }: Common, network: Network, volumeKey: aws.kms.Key) {
    const { retain, kubernetesVersion: version } = settings;
    const cluster = new Cluster(
      "cluster",
      {
        name,
        version,
        network,
        key: createKey("secrets", { purpose: "secrets of Kubernetes", retain }, this),
        publicCidrs: settings.publicEndpointCidrs,
        retain,
        adminRoleArns: settings.clusterAdmins,
      },
      { parent: this },
    );
    const nodes = new Nodes(
      "nodes",
      {
        name,
        cluster,
        network,
        zones,
        version,
        releaseVersion: settings.nodeReleaseVersion,
        instanceTypes: settings.nodeInstanceTypes,
        perZone: { min: settings.nodesPerZoneMin, max: settings.nodesPerZoneMax },
        across: { min: settings.nodesAcrossMin, max: settings.nodesAcrossMax },
        volumeGiB: NODE_GIB,
        volumeKey,
        after: createEarlyAddons(cluster, this),
        tags,
      },
      { parent: this },
    );
    return { cluster, nodes, ready: createLateAddons(cluster, nodes, this).ready };
  }

  #createBuckets({ name, settings: { retain } }: Common): void {
    const purposes = { infra: "what the platform keeps", backups: "backups" };
    for (const [of, purpose] of Object.entries(purposes)) {
      createBucket(of, { bucket: `${name}-${of}`, purpose, retain }, this);
    }
  }
}

function createDatabase(
  of: string,
  { name, settings, network, nodes }: Common & Pick<DatabaseArgs, "network" | "nodes">,
  parent: pulumi.Resource,
): Database {
  return new Database(
    `database-${of}`,
    {
      name: `${name}-${of}`,
      database: of,
      region: settings.awsRegion,
      network,
      nodes,
      scale: settings.scale,
      retain: settings.retain,
      instanceClass: settings.databaseInstanceClass,
      storageGiB: settings.databaseStorageGiB,
    },
    { parent },
  );
}

/**
 * A cluster on AWS, made by this stack, in one of `allowedAccounts` and nowhere else.
 *
 * @throws pulumi.RunError when the settings cannot be had on AWS, before any resource
 */
export function createAwsPlatform(settings: Settings): Platform {
  const { awsRegion: region, kubernetesVersion: version } = settings;
  const name = `${settings.name}-${pulumi.getStack()}`;
  const tags = { project, stack: pulumi.getStack(), owner: settings.name };
  warnBeforeEnd(version, new Date(), (line) => void pulumi.log.warn(line));
  const provider = new aws.Provider("aws", {
    region,
    allowedAccountIds: [...settings.allowedAccounts],
    defaultTags: { tags },
  });
  const account = accountOf(provider, settings);
  const zones = settings.awsZones.map((letter) => `${region}${letter}`);
  return new AwsPlatform({ name, settings, zones, account, tags }, { providers: [provider] });
}

/** Port of the nodes that leads to a service; in a preview any: AWS takes no group without one. */
function portOf(name: string, service: k8s.core.v1.Service): pulumi.Output<number> {
  return nodePortOf(name, service).apply((port) => port ?? FIRST_NODE_PORT);
}
