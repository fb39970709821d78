import { type ImageName, images } from "../../infra/versions.ts";
import type { ToolchainName } from "../context.ts";

/** Images that belong to the cluster itself, under the references that public clusters use. */
export const systemImages = {
  pause: "registry.k8s.io/pause:3.10.1",
  /** The version is that of the Go module under sandbox/toolchain/kubernetes. */
  coredns: "registry.k8s.io/coredns/coredns:v1.12.4",
  /** The version is that of the Go module under sandbox/toolchain/kubernetes. */
  "metrics-server": "registry.k8s.io/metrics-server/metrics-server:v0.7.2",
} as const;

/** What is laid beside a Dockerfile before the build, besides the files of its own folder. */
export type Extra =
  /** The jars that the folder's pom.xml names. */
  | { readonly kind: "jars" }
  /** The Node.js program. */
  | { readonly kind: "node" }
  /** The program that is called as the image is, built from a Go module. */
  | { readonly kind: "program"; readonly module: ToolchainName };

/** One image that the sandbox makes. */
export interface SandboxImage {
  /** Name of its folder under sandbox/images. */
  readonly name: string;
  /** What FROM and pods call it. */
  readonly reference: string;
  /** Name of the image that its FROM asks for; absent for those that start empty. */
  readonly from?: string;
  /** What its folder lacks; absent where it has all that the Dockerfile copies. */
  readonly extra?: Extra;
  /** Who needs it: pods take it from the registry, Dockerfiles of others from the docker engine. */
  readonly neededIn: readonly ("registry" | "engine")[];
}

/** What the cluster itself runs. These start empty: they wait for no image below them. */
export const clusterImages: readonly SandboxImage[] = (
  ["pause", "coredns", "metrics-server"] as const
).map((name) => ({
  name,
  reference: systemImages[name],
  extra: { kind: "program", module: "kubernetes" },
  neededIn: ["registry"],
}));

/** What the workloads and our own apps run on, each after the one that it is built from. */
export const workloadImages: readonly SandboxImage[] = [
  { name: "base", reference: "web-greetings/base:latest", neededIn: [] },
  { name: "java", reference: "web-greetings/java:latest", from: "base", neededIn: [] },
  {
    name: "node",
    reference: images.node,
    from: "base",
    extra: { kind: "node" },
    neededIn: ["registry", "engine"],
  },
  ...(["zookeeper", "kafka"] as const).map(
    (name): SandboxImage => ({
      name,
      reference: images[name],
      from: "java",
      extra: { kind: "jars" },
      neededIn: ["registry"],
    }),
  ),
  ...(
    [
      ["nginx", images.nginx],
      ["prometheus", images.prometheus],
      ["alertmanager", images.alertmanager],
      ["node-exporter", images.nodeExporter],
      ["influxdb", images.influxdb],
    ] as const
  ).map(
    ([name, reference]): SandboxImage => ({
      name,
      reference,
      from: "base",
      neededIn: ["registry"],
    }),
  ),
  ...(
    [
      ["consul", images.consul],
      ["consul-template", images.consulTemplate],
    ] as const
  ).map(
    ([name, reference]): SandboxImage => ({
      name,
      reference,
      from: "base",
      extra: { kind: "program", module: "consul" },
      neededIn: ["registry"],
    }),
  ),
  {
    name: "kube-state-metrics",
    reference: images.kubeStateMetrics,
    extra: { kind: "program", module: "monitoring" },
    neededIn: ["registry"],
  },
  {
    name: "telegraf",
    reference: images.telegraf,
    from: "base",
    extra: { kind: "program", module: "monitoring" },
    neededIn: ["registry"],
  },
];

/** Public images whose programs are in no package; what needs them is switched off in the sandbox. */
export const unavailableImages: readonly ImageName[] = ["grafana"];

/** Every image. */
export const sandboxImages: readonly SandboxImage[] = [...clusterImages, ...workloadImages];
