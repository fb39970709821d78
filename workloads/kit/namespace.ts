import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../../infra/platform.ts";
import { describe, stackNamespaces } from "./networkPolicy.ts";

/** What a room's namespace is for. */
export interface NamespaceArgs {
  readonly platform: Platform;
  /** True: volumes live in it, so that it is kept where the platform keeps data. */
  readonly holdsData: boolean;
  /**
   * Pod Security Standard that its pods have to keep. `privileged` is for a namespace of nothing but
   * DaemonSets that read their node's files: the others allow no pod a folder of its node.
   * @default "restricted"
   */
  readonly level?: "restricted" | "privileged";
}

/**
 * A namespace that admits only pods of the `restricted` Pod Security Standard unless it is told
 * otherwise, and in which no pod reaches or is reached by anything but the cluster's DNS until a
 * policy says so.
 *
 * @param name its name in the cluster too: it is part of the DNS names of its services
 * @returns the namespace's name, known once all is denied: no pod is there before, none left after
 */
export function createNamespace(
  name: string,
  args: NamespaceArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { platform, holdsData, level = "restricted" } = args;
  const namespace = new k8s.core.v1.Namespace(
    name,
    {
      metadata: {
        name,
        labels: {
          ...stackNamespaces,
          "pod-security.kubernetes.io/enforce": level,
          "pod-security.kubernetes.io/enforce-version": "latest",
          "pod-security.kubernetes.io/warn": level,
        },
      },
    },
    { parent, ...(holdsData ? keep(name, platform) : {}) },
  );
  return denyByDefault(name, namespace.metadata.name, parent).metadata.namespace;
}

/**
 * A namespace takes its volume claims along when it goes, so one that holds data stays with them.
 * The next stack finds it there and takes it over only when told to: it could be somebody else's.
 * What it has then is taken as it is, and becomes what we say with the next update.
 */
function keep(name: string, { retain, adopt }: Platform): pulumi.CustomResourceOptions {
  return {
    retainOnDelete: retain,
    ...(adopt ? { import: name, ignoreChanges: ["metadata", "spec"] } : {}),
  };
}

function denyByDefault(
  name: string,
  namespace: pulumi.Output<string>,
  parent: pulumi.Resource,
): k8s.networking.v1.NetworkPolicy {
  return new k8s.networking.v1.NetworkPolicy(
    `${name}-default`,
    {
      metadata: {
        namespace,
        labels: { ...stackNamespaces },
        annotations: describe(
          "Pods ask the cluster's DNS for names; for anything else they need a policy of their own.",
        ),
      },
      spec: {
        podSelector: {},
        policyTypes: ["Ingress", "Egress"],
        ingress: [],
        egress: [
          {
            to: [
              {
                namespaceSelector: {
                  matchLabels: { "kubernetes.io/metadata.name": "kube-system" },
                },
                podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
              },
            ],
            ports: [
              { protocol: "UDP", port: 53 },
              { protocol: "TCP", port: 53 },
            ],
          },
        ],
      },
    },
    { parent },
  );
}
