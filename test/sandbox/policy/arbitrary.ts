import fc from "fast-check";
import type {
  Container,
  Namespace,
  NetworkPolicy,
  Pod,
  PolicyPeer,
  PolicyPort,
  Selector,
} from "../../../sandbox/policy/objects.ts";

/** Objects of a small cluster that uses every feature of network policies. */
export interface Objects {
  readonly namespaces: readonly Namespace[];
  readonly pods: readonly Pod[];
  readonly policies: readonly NetworkPolicy[];
}

// Few names and values, so that selectors meet labels often.
const key = fc.constantFrom("app", "tier");
const value = fc.constantFrom("a", "b");
const labels = fc.dictionary(key, value, { maxKeys: 2, size: "max" });
const namespaceName = fc.constantFrom("one", "two");
const protocol = fc.constantFrom("TCP", "UDP", "SCTP");
const portName = fc.constantFrom("web", "dns");

/** Ports that connections are tried on, and their neighbours. */
export const triedPorts = [1, 80, 81, 65535] as const;

const expression = fc.oneof(
  fc.record({
    key,
    operator: fc.constantFrom("In", "NotIn"),
    values: fc.array(value, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key, operator: fc.constantFrom("Exists", "DoesNotExist") }),
);

const selector: fc.Arbitrary<Selector> = fc.oneof(
  { arbitrary: fc.constant({}), weight: 3 },
  fc.record({ matchLabels: labels }),
  fc.record({ matchExpressions: fc.array(expression, { maxLength: 2 }) }),
  fc.record({ matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 2 }) }),
);

const block = fc.constantFrom(
  { cidr: "0.0.0.0/0", except: ["10.201.0.0/16", "8.0.0.0/8"] },
  { cidr: "10.201.0.0/30" },
  { cidr: "10.201.0.0/29", except: ["10.201.0.2/31"] },
  { cidr: "10.0.0.0/8", except: ["10.201.0.4/32", "10.200.0.0/16"] },
  { cidr: "8.8.8.8/32" },
  { cidr: "10.200.0.0/24", except: ["10.200.0.0/24"] },
  { cidr: "10.201.0.3/29" },
  { cidr: "::/0" },
);

const peer: fc.Arbitrary<PolicyPeer> = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: selector }),
  fc.record({ podSelector: selector, namespaceSelector: selector }),
  fc.record({ ipBlock: block }),
);

const port: fc.Arbitrary<PolicyPort> = fc.oneof(
  fc.constant({}),
  fc.record({ protocol }),
  fc.record({ port: fc.constantFrom(...triedPorts) }),
  fc.record({ protocol, port: fc.constantFrom(...triedPorts) }),
  fc.record({ protocol, port: portName }),
  fc.record({ port: portName }),
  fc
    .tuple(fc.constantFrom(...triedPorts), fc.constantFrom(...triedPorts), protocol)
    .map(([a, b, protocol]) => ({ protocol, port: Math.min(a, b), endPort: Math.max(a, b) })),
);

/** One value, or now and then another. */
function mostly<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { arbitrary: fc.constant(usual), weight: 8 },
    { arbitrary: fc.constantFrom(...others), weight: 1 },
  );
}

/** A key that is absent every third time. */
function optional<K extends string, T>(name: K, arbitrary: fc.Arbitrary<T>) {
  return fc.option(arbitrary, { nil: undefined, freq: 3 }).map((given) => {
    const record: { [key in K]?: T } = {};
    if (given !== undefined) record[name] = given;
    return record;
  });
}

const peers = fc.array(peer, { maxLength: 2 });
const ports = fc.array(port, { maxLength: 1 });
const ingress = fc
  .tuple(optional("from", peers), optional("ports", ports))
  .map(([from, ports]) => ({ ...from, ...ports }));
const egress = fc
  .tuple(optional("to", peers), optional("ports", ports))
  .map(([to, ports]) => ({ ...to, ...ports }));

const types = fc.constantFrom<readonly string[]>(
  [],
  ["Ingress"],
  ["Egress"],
  ["Ingress", "Egress"],
);

const policySpec: fc.Arbitrary<NetworkPolicy["spec"]> = fc
  .tuple(
    selector,
    optional("policyTypes", types),
    optional("ingress", fc.array(ingress, { minLength: 1, maxLength: 2 })),
    optional("egress", fc.array(egress, { maxLength: 2 })),
  )
  .map(([podSelector, ...rest]) => Object.assign({ podSelector }, ...rest));

const containerPorts = fc
  .uniqueArray(portName, { maxLength: 2 })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.record({ name: fc.constant(name), containerPort: fc.constantFrom(...triedPorts) }),
      ),
      fc.record({ containerPort: fc.constantFrom(...triedPorts) }),
    ),
  )
  .chain((ports) =>
    fc.tuple(
      ...ports.map((port) =>
        optional("protocol", protocol).map((given) => ({ ...port, ...given })),
      ),
    ),
  );

const container: fc.Arbitrary<Container> = containerPorts.map((ports) => ({ ports }));
const initContainer = fc
  .tuple(container, optional("restartPolicy", fc.constant("Always")))
  .map(([given, policy]) => ({ ...given, ...policy }));

const podSpec = fc
  .record({
    containers: fc.array(container, { minLength: 1, maxLength: 2 }),
    initContainers: fc.array(initContainer, { minLength: 1, maxLength: 1 }),
    hostNetwork: mostly(false, true),
    phase: mostly("Running", "Succeeded", "Failed"),
    namespace: namespaceName,
    labels,
  })
  .map(({ namespace, labels, phase, ...spec }) => ({ namespace, labels, phase, spec }));

/** Small clusters; pods have the addresses 10.201.0.1, 10.201.0.2 and so on. */
export const objects: fc.Arbitrary<Objects> = fc
  .record({
    labels: fc.tuple(labels, labels),
    pods: fc.array(podSpec, { minLength: 3, maxLength: 5 }),
    policies: fc.array(fc.tuple(namespaceName, policySpec), { minLength: 1, maxLength: 3 }),
  })
  .map(({ labels, pods, policies }) => ({
    namespaces: ["one", "two"].map((name, n) => ({
      metadata: { name, labels: labels[n] ?? {} },
    })),
    pods: pods.map(({ namespace, labels, phase, spec }, n) => ({
      metadata: { namespace, name: `pod-${n}`, uid: `uid-${n}`, labels },
      spec,
      status: { phase, podIP: spec.hostNetwork ? "10.200.0.1" : `10.201.0.${n + 1}` },
    })),
    policies: policies.map(([namespace, spec], n) => ({
      metadata: { namespace, name: `policy-${n}` },
      spec,
    })),
  }));
