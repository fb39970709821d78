import type { Wishes } from "../annotations.ts";
import type { JsonMap } from "../json.ts";
import { text } from "../json.ts";
import { customJudge, every } from "./custom.ts";
import * as others from "./others.ts";
import type { Judge } from "./verdict.ts";
import * as workloads from "./workloads.ts";

/** How an object is waited for. */
export interface Waiting {
  readonly judge: Judge;
  /** Seconds to wait where nobody says otherwise. */
  readonly timeout: number;
}

const TEN_MINUTES = 600;
const FIVE_MINUTES = 300;

const JUDGES: Readonly<Record<string, Waiting>> = {
  "apiextensions.k8s.io/v1/CustomResourceDefinition": {
    judge: others.definition,
    timeout: TEN_MINUTES,
  },
  "apps/v1/DaemonSet": { judge: workloads.daemonSet, timeout: TEN_MINUTES },
  "apps/v1/Deployment": { judge: workloads.deployment, timeout: TEN_MINUTES },
  "apps/v1/StatefulSet": { judge: workloads.statefulSet, timeout: TEN_MINUTES },
  "batch/v1/Job": { judge: workloads.job, timeout: TEN_MINUTES },
  "networking.k8s.io/v1/Ingress": { judge: others.ingress, timeout: TEN_MINUTES },
  "v1/PersistentVolume": { judge: others.volume, timeout: FIVE_MINUTES },
  "v1/PersistentVolumeClaim": { judge: others.claim, timeout: FIVE_MINUTES },
  "v1/Pod": { judge: workloads.pod, timeout: TEN_MINUTES },
  "v1/ResourceQuota": { judge: others.quota, timeout: FIVE_MINUTES },
  "v1/Secret": { judge: others.secret, timeout: FIVE_MINUTES },
  "v1/Service": { judge: others.service, timeout: TEN_MINUTES },
};

/** How to wait for an object, `undefined` where it is ready as soon as it exists. */
export function waitingFor(object: JsonMap, wishes: Wishes): Waiting | undefined {
  if (wishes.skipAwait) return undefined;
  if (wishes.waitFor.length > 0) {
    return { judge: every(wishes.waitFor.map(customJudge)), timeout: TEN_MINUTES };
  }
  return JUDGES[`${text(object, "apiVersion")}/${text(object, "kind")}`];
}
