import { randomBytes } from "node:crypto";
import type { EngineRun, Live } from "../../harness.ts";

/** A namespace name that nobody else uses. */
export function freshNamespace(): string {
  return `plugin-test-${randomBytes(4).toString("hex")}`;
}

/** A program with a namespace `ns` of that name, the options `opts`, and `body` after them. */
export function program(live: Live, namespace: string, body: string): string {
  return `
const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");
const provider = new k8s.Provider("cluster", {
  kubeconfig: ${JSON.stringify(live.kubeconfig)},
  context: "sandbox",
  clusterIdentifier: "sandbox",
});
const opts = { provider };
const ns = new k8s.core.v1.Namespace("ns", { metadata: { name: "${namespace}" } }, opts);
const namespace = ns.metadata.name;
${body}
`;
}

/** The steps on objects other than the stack, the provider and unchanged ones. */
export function changes(run: EngineRun): readonly string[] {
  return run.steps.filter((step) => !/^same |pulumi:(pulumi:Stack|providers:)/.test(step));
}
