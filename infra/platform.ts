import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "./config.ts";
import type { AppName } from "./images.ts";
import type { Contexts } from "./kubeconfig.ts";
import { createMinikubePlatform } from "./minikube/platform.ts";

/** Size class of a target; every room has one table of sizes keyed by it. */
export type Scale = "small" | "full";

/** What people get in by. */
export interface WayIn {
  /** Name that it gets where the platform has names to give, such as `web.yourcom.example`. */
  readonly host: string;
  /** Path that answers 200 while requests can be served, for who has to choose whom to ask. */
  readonly healthPath: string;
}

/** What operators get in by. */
export interface OperatorsWayIn {
  /** Names that it gets, such as `consul.yourcom.example`, by what each way is called. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Path that answers 200 under any name while requests can be served. */
  readonly healthPath: string;
}

/** A door that opens to those who have logged in. */
export interface OperatorsDoor {
  /** Blocks of addresses that all requests come from, and no pod is in; no node may hide them. */
  readonly cidrs: readonly string[];
  /**
   * Seconds within which a node gets requests once the health path answers 200 there, and none any
   * more once it does not.
   */
  readonly noticesWithin: number;
  /**
   * Opens a service of type NodePort to operators, by its first port, which speaks HTTPS. To be called
   * once: one service stands before all web interfaces.
   *
   * @param name what the ways in have in common
   * @returns the URLs that operators open, without a slash at their end, by what each way is called
   */
  publish(
    name: string,
    service: k8s.core.v1.Service,
    way: OperatorsWayIn,
  ): Readonly<Record<string, pulumi.Output<string>>>;
}

/** Where web pages are. */
export interface StaticSite {
  /** URL that people open. */
  readonly url: pulumi.Output<string>;
  /** Name of the bucket that pages are put in. */
  readonly bucket: pulumi.Output<string>;
}

/** A database of PostgreSQL that the platform keeps, outside the cluster. */
export interface Database {
  /** DNS name, for which its certificate is. Known once pods can get through to it. */
  readonly host: pulumi.Output<string>;
  readonly port: number;
  /** Blocks of addresses, in one of which it always is. */
  readonly cidrs: readonly string[];
  /** Certificate of the authority that signed it, PEM; it talks TLS alone. */
  readonly caPem: string;
  /** Major version of PostgreSQL. */
  readonly version: string;
  /** Name of the database. */
  readonly name: string;
  /** Its owner. */
  readonly user: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;
}

/**
 * Where the cluster comes from and what it offers, the same for every target: workloads ask it and
 * never which target it is.
 */
export interface Platform {
  /** The one explicit provider of every Kubernetes resource. */
  readonly provider: k8s.Provider;
  /** Names of the zones that nodes stand in; at least one. */
  readonly zones: readonly string[];
  /** Which column of the size tables applies. */
  readonly scale: Scale;
  /** True: volumes outlive `pulumi destroy`; false: they are deleted with what used them. */
  readonly retain: boolean;
  /** True: namespaces that an earlier stack kept with their data are taken over. */
  readonly adopt: boolean;
  /** Context of a kubeconfig that leads to the cluster. */
  readonly context: string;
  /** A kubeconfig with that context, where the platform made the cluster; it holds no secret. */
  readonly kubeconfig?: pulumi.Output<string>;
  /** True: browsers trust what is published; false: only who knows the stack's own authority. */
  readonly publiclyTrusted: boolean;
  /** Where web pages are, where the platform has a place for them. */
  readonly staticSite?: StaticSite;
  /**
   * Storage class of volumes: `fast` for logs and databases, `bulk` for what is large and seldom
   * read. An undefined class is the cluster's default.
   */
  storageClass(kind: "fast" | "bulk"): pulumi.Input<string> | undefined;
  /** Builds and pushes one of our apps; the reference is pinned by its digest. */
  image(app: AppName): pulumi.Input<string>;
  /**
   * What people's URLs have in place of a host name such as `web.yourcom.example`: the name itself
   * where the platform has names to give, otherwise a name or an address of a node.
   */
  openedAs(host: string): string;
  /**
   * Opens a service of type NodePort to people, by its first port, whose name is the URL's scheme.
   *
   * @param name what the way in is called among the stack's `urls`
   * @param service must be of type NodePort
   * @returns the URL that people open, without a slash at its end
   */
  publish(name: string, service: k8s.core.v1.Service, way: WayIn): pulumi.Output<string>;
  /**
   * A database that is kept outside the cluster; undefined where the platform has none. To be called
   * once for each.
   *
   * @param name lower-case letters and digits, a letter first; the database is called so too
   */
  database(name: string): Database | undefined;
  /** Where operators log in; undefined where nobody can, and web interfaces have `make ui` alone. */
  readonly operatorsDoor?: OperatorsDoor;
}

/** Loaded when it is asked for: the SDK of AWS is some 300 files, and only one target needs it. */
function loadAws(): typeof import("./aws/platform.ts") {
  return require("./aws/platform.ts");
}

/**
 * The platform that the settings ask for.
 *
 * @param contexts what the kubeconfig of this machine holds
 * @throws pulumi.RunError when the target cannot be used as the settings stand, before any resource
 */
export function createPlatform(settings: Settings, contexts: Contexts): Platform {
  switch (settings.target) {
    case "minikube":
      return createMinikubePlatform(settings, contexts);
    case "aws":
      return loadAws().createAwsPlatform(settings);
  }
}
