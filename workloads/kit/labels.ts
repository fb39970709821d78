import type { Input } from "@pulumi/pulumi";

/** Which workload an object belongs to; the same words on everything that makes it up. */
export interface Identity {
  /** The software: "kafka". */
  readonly name: string;
  /** Which of several installations of the software: the name of the component. */
  readonly instance: string;
  /** The part it plays: "broker". */
  readonly component: string;
  /** Version of the software: "3.9.1". */
  readonly version: string;
}

/** Labels as Kubernetes takes them. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Labels that choose pods. The version is left out: selectors cannot be changed once they are
 * there, and an upgrade changes it.
 */
export function selectorOf(identity: Identity): Labels {
  return {
    "app.kubernetes.io/name": identity.name,
    "app.kubernetes.io/instance": identity.instance,
    "app.kubernetes.io/component": identity.component,
    "app.kubernetes.io/part-of": "web-greetings",
  };
}

/** Labels of every object of a workload: those that choose its pods, and the version. */
export function labelsOf(identity: Identity): Labels {
  return { ...selectorOf(identity), "app.kubernetes.io/version": identity.version };
}

/** `metadata` of an object of a workload that needs no name of its own. */
export function metadataOf(
  identity: Identity,
  namespace: Input<string>,
): { readonly namespace: Input<string>; readonly labels: Record<string, string> } {
  return { namespace, labels: { ...labelsOf(identity) } };
}
