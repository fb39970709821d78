import { version } from "../package.json";

/**
 * Every version of software that runs in the cluster, in one table. Upgrading something is a change
 * here and nowhere else; the sandbox makes its images under the same references.
 */

/** Public images by the name of what they hold; `<registry>/<repository>:<tag>`, never `latest`. */
export const images = {
  /** Official image of Apache ZooKeeper; 3.9.4 is the first with a sound admin-server restore. */
  zookeeper: "docker.io/library/zookeeper:3.9.4",
  /** Official image of Apache Kafka; 3.9 is the last line that runs on ZooKeeper. */
  kafka: "docker.io/apache/kafka:3.9.1",
  /** HashiCorp's image of Consul; 1.20 is the last line whose Go module can be built whole. */
  consul: "docker.io/hashicorp/consul:1.20.6",
  /** HashiCorp's image of consul-template, which writes the edge's upstreams. */
  consulTemplate: "docker.io/hashicorp/consul-template:0.41.1",
  /** Official image of nginx, the stable line. */
  nginx: "docker.io/library/nginx:1.28.0",
  /** What our own apps are built on. */
  node: "docker.io/library/node:24.11.1-bookworm-slim",
} as const;

/** Name of a public image in the table. */
export type ImageName = keyof typeof images;

/** The version part of an image reference: "3.9.4" of "docker.io/library/zookeeper:3.9.4". */
export function versionOf(name: ImageName): string {
  return images[name].slice(images[name].lastIndexOf(":") + 1);
}

/** The reference of an image in another version than the table's. */
export function imageAt(name: ImageName, version: string): string {
  return images[name].slice(0, images[name].lastIndexOf(":") + 1) + version;
}

/** Version of our own apps: that of the package they are built from. */
export const appVersion: string = version;
