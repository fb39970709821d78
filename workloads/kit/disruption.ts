import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Identity, metadataOf, selectorOf } from "./labels.ts";

/**
 * Lets one pod of a workload at a time be moved off its node. Pods that are not ready may always be
 * moved: holding on to a broken one would block the node for ever.
 */
export function limitDisruption(
  name: string,
  args: { readonly identity: Identity; readonly namespace: pulumi.Input<string> },
  parent: pulumi.Resource,
) {
  new k8s.policy.v1.PodDisruptionBudget(
    name,
    {
      metadata: metadataOf(args.identity, args.namespace),
      spec: {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: "AlwaysAllow",
        selector: { matchLabels: { ...selectorOf(args.identity) } },
      },
    },
    { parent },
  );
}
