import { embedded, identityFiles } from "../certificates.ts";
import type { SandboxContext } from "../context.ts";
import { parseReference, published } from "../images/registry.ts";
import { systemImages } from "../images/table.ts";
import { waitFor } from "../wait.ts";
import { dnsObjects } from "./dns.ts";
import { metricsName, metricsObjects, type ServingCertificate } from "./metrics.ts";
import { type KubernetesObject, systemNamespace } from "./objects.ts";
import { policyObjects } from "./policy.ts";
import { storageObjects } from "./storage.ts";

/** How long the add-ons may take to be ready, in seconds; a build may be using all processors. */
const patience = 240;

/**
 * Puts DNS, metrics and storage into the cluster and waits until they answer. What is there already
 * and up to date is left alone. Needs the images in the registry.
 * Throws with the reason when an object is refused or something is not ready within four minutes.
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
    for (const name of ["coredns", metricsName]) {
      step.detail(`waiting for ${name}`);
      const timeout = ["--namespace", systemNamespace, `--timeout=${patience}s`];
      await context.run(context.kubectl, ["rollout", "status", `deployment/${name}`, ...timeout]);
    }
    step.detail("waiting for the metrics API");
    await waitFor("metrics of the node", patience, async () => {
      const path = "/apis/metrics.k8s.io/v1beta1/nodes";
      const { items } = JSON.parse(await context.run(context.kubectl, ["get", "--raw", path])) as {
        readonly items: readonly unknown[];
      };
      return items.length > 0 ? undefined : "none are measured yet";
    });
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
