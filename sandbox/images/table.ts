import { images } from "../../infra/versions.ts";

/** Images that belong to the cluster itself, under the references that public clusters use. */
export const systemImages = {
  pause: "registry.k8s.io/pause:3.10.1",
  /** The version is that of the Go module under sandbox/toolchain/kubernetes. */
  coredns: "registry.k8s.io/coredns/coredns:v1.12.4",
  /** The version is that of the Go module under sandbox/toolchain/kubernetes. */
  "metrics-server": "registry.k8s.io/metrics-server/metrics-server:v0.7.2",
} as const;

/** What is laid beside a Dockerfile before the build, besides the files of its own folder. */
export type Extra = "jars" | "node" | "program";

/** One image that the sandbox makes. */
export interface SandboxImage {
  /** Name of its folder under sandbox/images. */
  readonly name: string;
  /** What FROM and pods call it. */
  readonly reference: string;
  /** Name of the image that its FROM asks for; absent for those that start empty. */
  readonly from?: string;
  /** What its folder lacks: jars of its pom.xml, the Node.js program, or a program built from Go. */
  readonly extra?: Extra;
  /** Who needs it: pods take it from the registry, Dockerfiles of others from the docker engine. */
  readonly neededIn: readonly ("registry" | "engine")[];
}

/** Every image, in such an order that each comes after the one it is built from. */
export const sandboxImages: readonly SandboxImage[] = [
  { name: "base", reference: "web-greetings/base:latest", neededIn: [] },
  { name: "java", reference: "web-greetings/java:latest", from: "base", neededIn: [] },
  {
    name: "node",
    reference: images.node,
    from: "base",
    extra: "node",
    neededIn: ["registry", "engine"],
  },
  ...(["zookeeper", "kafka"] as const).map(
    (name): SandboxImage => ({
      name,
      reference: images[name],
      from: "java",
      extra: "jars",
      neededIn: ["registry"],
    }),
  ),
  ...(["pause", "coredns", "metrics-server"] as const).map(
    (name): SandboxImage => ({
      name,
      reference: systemImages[name],
      extra: "program",
      neededIn: ["registry"],
    }),
  ),
];
