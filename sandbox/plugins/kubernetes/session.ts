import type { Engine } from "../rpc/index.ts";
import { ApiError, Client, UnreachableError } from "./client.ts";
import { Cluster, NoKindError } from "./cluster.ts";
import type { JsonMap } from "./json.ts";
import { access } from "./kubeconfig.ts";
import { type Kind, kindOfObject } from "./objects.ts";
import type { Settings } from "./settings.ts";

// Asked only where there is no API server to say so.
const CLUSTER_WIDE: ReadonlySet<string> = new Set([
  "APIService",
  "CSIDriver",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "FlowSchema",
  "IngressClass",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "PriorityLevelConfiguration",
  "RuntimeClass",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
  "VolumeAttachment",
]);

/** A configured provider: its settings, and its cluster where that can be reached. */
export class Session {
  readonly settings: Settings;
  readonly engine: Engine;
  /** Namespace for objects that name none. */
  readonly namespace: string;
  /** Why there is no cluster; empty where there is one. */
  readonly unreachableReason: string;
  readonly #cluster: Cluster | undefined;

  private constructor(
    settings: Settings,
    engine: Engine,
    namespace: string,
    cluster: Cluster | string,
  ) {
    this.settings = settings;
    this.engine = engine;
    this.namespace = namespace;
    this.#cluster = typeof cluster === "string" ? undefined : cluster;
    this.unreachableReason =
      typeof cluster === "string" ? `configured Kubernetes cluster is unreachable: ${cluster}` : "";
  }

  /**
   * Reads the kubeconfig and knocks at the API server. A cluster that does not answer is no error
   * yet: previews go on without it, after one line that says so.
   */
  static async open(settings: Settings, engine: Engine): Promise<Session> {
    let namespace = settings.namespace || "default";
    try {
      const found = await access(settings);
      namespace = settings.namespace || found.namespace;
      const cluster = new Cluster(new Client(found));
      await cluster.version();
      return new Session(settings, engine, namespace, cluster);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const session = new Session(settings, engine, namespace, reason);
      engine.log("warning", session.unreachableReason);
      return session;
    }
  }

  get reachable(): boolean {
    return this.#cluster !== undefined;
  }

  /** The cluster. Throws where there is none. */
  get cluster(): Cluster {
    if (this.#cluster === undefined) throw new UnreachableError(this.unreachableReason);
    return this.#cluster;
  }

  /** Throws where there is no cluster. */
  requireReachable(): void {
    void this.cluster;
  }

  /** Whether the API server knows the kind of an object. */
  async knows(object: JsonMap): Promise<boolean> {
    try {
      await this.cluster.resource(kindOfObject(object));
      return true;
    } catch (error) {
      if (error instanceof NoKindError) return false;
      throw error;
    }
  }

  /** Whether objects of a kind lie in namespaces; a kind that nobody knows yet is taken to. */
  async isNamespaced(kind: Kind): Promise<boolean> {
    if (!this.reachable) return !CLUSTER_WIDE.has(kind.kind);
    try {
      return (await this.cluster.resource(kind)).namespaced;
    } catch (error) {
      if (error instanceof NoKindError || error instanceof ApiError) {
        return !CLUSTER_WIDE.has(kind.kind);
      }
      throw error;
    }
  }
}
