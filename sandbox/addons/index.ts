import { embedded, identityFiles } from "../certificates.ts";
import type { SandboxContext } from "../context.ts";
import { parseReference, published } from "../images/registry.ts";
import { systemImages } from "../images/table.ts";
import { dnsObjects } from "./dns.ts";
import { metricsName, metricsObjects, type ServingCertificate } from "./metrics.ts";
import { type KubernetesObject, systemNamespace } from "./objects.ts";
import { policyObjects } from "./policy.ts";
import { storageObjects } from "./storage.ts";

/** How long DNS may take to be ready, in seconds; a build may be using all processors. */
const patience = 240;

/**
 * Puts DNS, metrics and storage into the cluster and waits until DNS answers. Nobody is kept waiting
 * for metrics: they take a while to be measured, and only autoscalers, which wait too, ask for them.
 * What is there already and up to date is left alone. Needs the cluster's own images in the registry.
 * Throws with the reason when an object is refused or DNS is not ready within four minutes.
 */
export async function applyAddons(context: SandboxContext): Promise<void> {
  await context.progress.step("add-ons", async (step) => {
    const [dnsImage, metricsImage] = await Promise.all([
      pinned(context, systemImages.coredns),
      pinned(context, systemImages["metrics-server"]),
    ]);
    await apply(context, [
      ...storageObjects(),
      ...dnsObjects(dnsImage),
      ...metricsObjects(metricsImage, servingCertificate(context)),
    ]);
    step.detail("waiting for DNS");
    const timeout = ["--namespace", systemNamespace, `--timeout=${patience}s`];
    await context.run(context.kubectl, ["rollout", "status", "deployment/coredns", ...timeout]);
  });
}

/** Lets the process that keeps pods apart read what it needs. Needs nothing but the API server. */
export function grantPolicyRights(context: SandboxContext): Promise<void> {
  return apply(context, policyObjects());
}

/** The reference with the digest that the registry serves now: a new image rolls the pods. */
async function pinned(context: SandboxContext, reference: string): Promise<string> {
  const found = await published(context.registry, reference);
  if (!found) {
    const { repository, tag } = parseReference(reference);
    throw new Error(
      `registry ${context.registry}: no image ${repository}:${tag}; run \`make sandbox-up\``,
    );
  }
  return `${reference}@${found.digest}`;
}

function servingCertificate(context: SandboxContext): ServingCertificate {
  const files = identityFiles(context.paths.certificates, metricsName);
  return {
    authority: embedded(files.authority),
    certificate: embedded(files.certificate),
    key: embedded(files.key),
  };
}

async function apply(context: SandboxContext, objects: readonly KubernetesObject[]): Promise<void> {
  const list = { apiVersion: "v1", kind: "List", items: objects };
  // Ours alone: what someone changed by hand is set right again.
  const how = ["--server-side", "--force-conflicts", "--field-manager=sandbox", "--filename=-"];
  await context.run(context.kubectl, ["apply", ...how], { input: JSON.stringify(list) });
}
