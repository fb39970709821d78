import { createHash } from "node:crypto";
import { addresses } from "../addresses.ts";
import {
  clusterRole,
  clusterRoleBinding,
  hardenedContainer,
  hardenedPod,
  httpProbes,
  type KubernetesObject,
  serviceAccount,
  systemDeployment,
  systemNamespace,
} from "./objects.ts";

const labels = { "k8s-app": "kube-dns" } as const;
// The pod's own port too, as everywhere: network policies that admit DNS name the port of the pod.
const dnsPort = 53;
const name = "coredns";

/**
 * CoreDNS's configuration: names and addresses of the cluster, nothing beyond. Addresses of pods
 * behind a headless service are answered with the pods' names, as TLS peers look them up.
 */
export function renderCorefile(): string {
  return `.:${dnsPort} {
    errors
    health :8080 {
        lameduck 5s
    }
    ready :8181
    kubernetes ${addresses.clusterDomain} in-addr.arpa ip6.arpa {
        pods verified
        endpoint_pod_names
    }
    prometheus :9153
    cache 30
}
`;
}

/** The cluster's DNS server; `image` is pinned by digest. */
export function dnsObjects(image: string): readonly KubernetesObject[] {
  const corefile = renderCorefile();
  return [
    serviceAccount(name),
    clusterRole("system:coredns", [
      {
        apiGroups: [""],
        resources: ["services", "pods", "namespaces"],
        verbs: ["list", "watch"],
      },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    ]),
    clusterRoleBinding("system:coredns", "system:coredns", { kind: "ServiceAccount", name }),
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace: systemNamespace, labels },
      data: { Corefile: corefile },
    },
    deployment(image, createHash("sha256").update(corefile).digest("hex")),
    service(),
  ];
}

function deployment(image: string, configuration: string): KubernetesObject {
  return systemDeployment(
    name,
    labels,
    { "web-greetings/configuration": configuration },
    {
      // The cluster's DNS server cannot ask itself.
      dnsPolicy: "Default",
      securityContext: {
        ...hardenedPod(65532),
        // A port below 1024 without a capability for it.
        sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: `${dnsPort}` }],
      },
      containers: [container(image)],
      volumes: [{ name: "configuration", configMap: { name } }],
    },
  );
}

function container(image: string): Readonly<Record<string, unknown>> {
  return {
    name,
    image,
    args: ["-conf", "/etc/coredns/Corefile"],
    ports: [
      { name: "dns", containerPort: dnsPort, protocol: "UDP" },
      { name: "dns-tcp", containerPort: dnsPort, protocol: "TCP" },
      { name: "metrics", containerPort: 9153, protocol: "TCP" },
    ],
    ...httpProbes({ path: "/health", port: 8080 }, { path: "/ready", port: 8181 }),
    resources: {
      requests: { cpu: "50m", memory: "48Mi" },
      limits: { cpu: "1", memory: "128Mi" },
    },
    securityContext: hardenedContainer,
    volumeMounts: [{ name: "configuration", mountPath: "/etc/coredns", readOnly: true }],
  };
}

function service(): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "kube-dns",
      namespace: systemNamespace,
      labels: { ...labels, "kubernetes.io/name": "CoreDNS" },
    },
    spec: {
      clusterIP: addresses.dns,
      selector: labels,
      ports: [
        { name: "dns", port: 53, targetPort: "dns", protocol: "UDP" },
        { name: "dns-tcp", port: 53, targetPort: "dns-tcp", protocol: "TCP" },
        { name: "metrics", port: 9153, targetPort: "metrics", protocol: "TCP" },
      ],
    },
  };
}
