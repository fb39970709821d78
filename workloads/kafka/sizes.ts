import type { Scale } from "../../infra/platform.ts";
import type { Resources } from "../kit/pod.ts";

/** Sizes of a broker. */
export interface Size extends Resources {
  /** Heap of the JVM in MiB; what the limit leaves besides is for its threads and network. */
  readonly heapMiB: number;
  /** Options of the JVM besides its heap. */
  readonly jvmOptions: readonly string[];
  /** Volume in GiB. */
  readonly dataGiB: number;
  /** Partitions of the topics that Kafka keeps for itself; cannot be changed later. */
  readonly internalPartitions: number;
}

/**
 * Classes as the JVM maps them at its start, which halves the processor time that a broker needs
 * until it is ready. It is part of the image; a JVM that finds none, or not its own, goes without.
 * https://github.com/apache/kafka/blob/3.9/docker/jvm/Dockerfile
 */
const CLASSES = ["-XX:SharedArchiveFile=/opt/kafka/kafka.jsa", "-Xshare:auto"];

const sizes: Readonly<Record<Scale, Omit<Size, "memoryMiB"> & { readonly aboveHeapMiB: number }>> =
  {
    small: {
      cpu: 0.1,
      cpuLimit: 2,
      heapMiB: 320,
      aboveHeapMiB: 384,
      // Three brokers start at once on two cores: the second compiler and threads of a collector
      // would take from them what they need to begin.
      jvmOptions: ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", ...CLASSES],
      dataGiB: 2,
      internalPartitions: 6,
    },
    full: {
      cpu: 1,
      cpuLimit: 4,
      heapMiB: 4096,
      aboveHeapMiB: 4096,
      // As Kafka itself has them.
      jvmOptions: [
        "-XX:+UseG1GC",
        "-XX:MaxGCPauseMillis=20",
        "-XX:InitiatingHeapOccupancyPercent=35",
        "-XX:+ExplicitGCInvokesConcurrent",
        ...CLASSES,
      ],
      dataGiB: 200,
      internalPartitions: 50,
    },
  };

/** Size of a broker on a target, with another heap (MiB) if one is given. */
export function sizeOf(scale: Scale, heapMiB: number = sizes[scale].heapMiB): Size {
  const { aboveHeapMiB, ...size } = sizes[scale];
  return { ...size, heapMiB, memoryMiB: heapMiB + aboveHeapMiB };
}

/** Size of the agent beside the broker, and of the Job that applies topics. */
export const agentSize: Resources = { cpu: 0.01, cpuLimit: 1, memoryMiB: 128 };
