import type { Pod } from "./objects.ts";
import { parseAddress } from "./ranges.ts";

/** A port that a container names. */
interface NamedPort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
}

/** A pod in the pods' network: what policies see of it. */
export interface Member {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Its IPv4 address, as a number. */
  readonly address: number;
  readonly ports: readonly NamedPort[];
}

/** Whether policies see a pod: it has a network of its own and has not ended. */
export function isMember({ spec, status }: Pod): boolean {
  return !spec.hostNetwork && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

function namedPorts({ containers, initContainers = [] }: Pod["spec"]): readonly NamedPort[] {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...containers, ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ name, containerPort, protocol = "TCP" }) =>
      name === undefined ? [] : [{ name, protocol, port: containerPort }],
    );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Sorts objects by namespace and name, in one way on every machine. */
export function byName(
  a: { readonly namespace: string; readonly name: string },
  b: { readonly namespace: string; readonly name: string },
): number {
  return compare(a.namespace, b.namespace) || compare(a.name, b.name);
}

/**
 * The pods that policies see, sorted by name, each with the address that `addressOf` gives it;
 * those without one, or with one that is not of IPv4, are left out. An address has one pod: where
 * two claim it, it is the first one's.
 */
export function membersOf(
  pods: readonly Pod[],
  addressOf: (pod: Pod) => string | undefined,
): readonly Member[] {
  const members = new Map<number, Member>();
  const sorted = pods.filter(isMember).toSorted((a, b) => byName(a.metadata, b.metadata));
  for (const pod of sorted) {
    const address = parseAddress(addressOf(pod) ?? "");
    if (address === undefined || members.has(address)) continue;
    const { namespace, name, uid, labels = {} } = pod.metadata;
    members.set(address, {
      namespace,
      name,
      uid,
      labels,
      address,
      ports: namedPorts(pod.spec),
    });
  }
  return [...members.values()];
}
