/**
 * What is read of the objects of the API: v1 and networking.k8s.io/v1, with the fields that matter
 * to network policies. See
 * https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/.
 */

/** What every object has. */
interface Metadata {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

interface Namespaced extends Metadata {
  readonly namespace: string;
}

/** A container's ports; `restartPolicy` makes an init container a sidecar. */
export interface Container {
  readonly restartPolicy?: string;
  readonly ports?: readonly {
    readonly name?: string;
    readonly containerPort: number;
    readonly protocol?: string;
  }[];
}

/** A Pod. */
export interface Pod {
  readonly metadata: Namespaced & { readonly uid: string };
  readonly spec: {
    readonly hostNetwork?: boolean;
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
  readonly status?: { readonly phase?: string; readonly podIP?: string };
}

/** A Namespace. */
export interface Namespace {
  readonly metadata: Metadata;
}

/** How labels are chosen; `{}` chooses everything. */
export interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** Who is on the other end: pods by selectors, or a block of addresses. */
export interface PolicyPeer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

/** Ports of the server; a name is one of the ports that its containers name. */
export interface PolicyPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

/** A NetworkPolicy. */
export interface NetworkPolicy {
  readonly metadata: Namespaced;
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly {
      readonly from?: readonly PolicyPeer[];
      readonly ports?: readonly PolicyPort[];
    }[];
    readonly egress?: readonly {
      readonly to?: readonly PolicyPeer[];
      readonly ports?: readonly PolicyPort[];
    }[];
  };
}
