import type { CustomTimeouts } from "@pulumi/pulumi";

/** How long the engine waits for pods to come, to roll, and to go. */
export const ROLLOUT: CustomTimeouts = { create: "10m", update: "20m", delete: "5m" };
