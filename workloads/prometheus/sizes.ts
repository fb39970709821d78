import type { Scale } from "../../infra/platform.ts";
import type { Resources } from "../kit/pod.ts";

/** Containers of the room. */
export type Part = "prometheus" | "login" | "alertmanager" | "stateMetrics" | "nodeExporter";

/** Sizes of the room. */
export interface Sizes {
  /** How many Prometheus, each of which sees everything. */
  readonly prometheus: number;
  /** How many Alertmanagers. */
  readonly alertmanagers: number;
  /** GiB of each Prometheus' volume; cannot be changed later. */
  readonly dataGiB: number;
  /** GiB of each Alertmanager's volume, for silences and what was delivered; likewise. */
  readonly alertmanagerDataGiB: number;
  readonly containers: Readonly<Record<Part, Resources>>;
}

/**
 * Sizes by target. In small it is some ten thousand series, at 3 to 4 kB each; promtool, by which
 * Prometheus is asked whether it is ready, takes 60 MiB of the same limit.
 */
export const sizes: Readonly<Record<Scale, Sizes>> = {
  small: {
    prometheus: 1,
    alertmanagers: 1,
    dataGiB: 4,
    alertmanagerDataGiB: 1,
    containers: {
      prometheus: { cpu: 0.05, cpuLimit: 2, memoryMiB: 448 },
      login: { cpu: 0.01, cpuLimit: 1, memoryMiB: 96 },
      alertmanager: { cpu: 0.01, cpuLimit: 1, memoryMiB: 96 },
      stateMetrics: { cpu: 0.01, cpuLimit: 1, memoryMiB: 96 },
      nodeExporter: { cpu: 0.01, cpuLimit: 1, memoryMiB: 64 },
    },
  },
  full: {
    prometheus: 2,
    alertmanagers: 3,
    dataGiB: 100,
    alertmanagerDataGiB: 2,
    containers: {
      prometheus: { cpu: 1, cpuLimit: 4, memoryMiB: 4096 },
      login: { cpu: 0.05, cpuLimit: 1, memoryMiB: 128 },
      alertmanager: { cpu: 0.05, cpuLimit: 1, memoryMiB: 256 },
      stateMetrics: { cpu: 0.05, cpuLimit: 1, memoryMiB: 256 },
      nodeExporter: { cpu: 0.05, cpuLimit: 1, memoryMiB: 128 },
    },
  },
};
