import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthority } from "../../infra/pki.ts";
import type { OperatorsDoor, Platform } from "../../infra/platform.ts";
import { versionOf } from "../../infra/versions.ts";
import { type Identity, metadataOf, selectorOf } from "../kit/labels.ts";
import { createNamespace } from "../kit/namespace.ts";
import { ROLLOUT } from "../kit/rollout.ts";
import type { WebInterface } from "../kit/webInterface.ts";
import { HEALTH_PATH, names, requireTls, SERVICE_PORT } from "./config.ts";
import { createPods } from "./pods.ts";

/** What the console needs. */
export interface ConsoleArgs {
  /** Where it runs. */
  readonly platform: Platform;
  /** Who certifies it, towards the platform and towards the interfaces. */
  readonly authority: CertificateAuthority;
  /** Where operators log in before they get here. */
  readonly door: OperatorsDoor;
  /** Domain under which each interface gets its name: `<name>.<domain>`. */
  readonly domain: string;
  /** The interfaces that it leads to, by name; all of them speak TLS. */
  readonly interfaces: Readonly<Record<string, WebInterface>>;
}

/**
 * The operators' way to web interfaces that take nobody without a certificate of the stack: nginx,
 * which has one, behind the platform's login, and reached by nobody who has not come through that. An
 * interface's own login comes after it.
 *
 * @throws pulumi.RunError on an interface that speaks in the clear
 */
export class Console extends pulumi.ComponentResource {
  /** URLs of the interfaces' first pages, by name. */
  readonly urls: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: ConsoleArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, authority, door } = args;
    requireTls(args.interfaces);
    super("web-greetings:console:Console", name, {}, { ...opts, providers: [platform.provider] });
    const identity = {
      name: "console",
      instance: name,
      component: "proxy",
      version: versionOf("nginx"),
    };
    const namespace = createNamespace(names.namespace, { platform, holdsData: false }, this);
    const inCluster = `${names.service}.${names.namespace}.svc`;
    const dnsNames = [inCluster, `${inCluster}.cluster.local`];
    const interfaces = Object.entries(args.interfaces).map(([of, { endpoint, path }]) => {
      return { name: of, host: `${of}.${args.domain}`, endpoint, path };
    });
    const pods = createPods(
      name,
      {
        identity,
        namespace,
        scale: platform.scale,
        door,
        leaf: authority.issue(name, { commonName: name, dnsNames }, { parent: this }),
        interfaces,
      },
      this,
    );
    const hosts = Object.fromEntries(interfaces.map((each) => [each.name, each.host]));
    const service = createService(name, { identity, namespace, pods }, this);
    const opened = door.publish(name, service, { hosts, healthPath: HEALTH_PATH });
    this.urls = Object.fromEntries(
      interfaces.map(({ name: of, path }) => [of, pulumi.interpolate`${opened[of]}${path}`]),
    );
    this.registerOutputs({ urls: this.urls });
  }
}

function createService(
  name: string,
  args: {
    readonly identity: Identity;
    readonly namespace: pulumi.Input<string>;
    readonly pods: pulumi.Resource;
  },
  parent: pulumi.Resource,
): k8s.core.v1.Service {
  return new k8s.core.v1.Service(
    name,
    {
      metadata: { ...metadataOf(args.identity, args.namespace), name: names.service },
      spec: {
        type: "NodePort",
        // To the pods of the node that was asked, so that they see who asks and not another node.
        externalTrafficPolicy: "Local",
        selector: { ...selectorOf(args.identity) },
        ports: [{ name: "https", port: SERVICE_PORT, targetPort: "https", protocol: "TCP" }],
      },
    },
    { parent, customTimeouts: ROLLOUT, dependsOn: [args.pods] },
  );
}
