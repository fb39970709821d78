import * as pulumi from "@pulumi/pulumi";

/**
 * Kubernetes versions that EKS runs under standard support, oldest first, each with the day on which
 * that ends (UTC). Adding one is a line here.
 *
 * From "Amazon EKS Kubernetes release calendar",
 * https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html; on a machine with
 * credentials `aws eks describe-cluster-versions` tells the same.
 */
export const endOfStandardSupport: Readonly<Record<string, string>> = {
  "1.34": "2026-12-02",
  "1.35": "2027-03-27",
  "1.36": "2027-08-02",
};

const dayMs = 86_400_000;
/** Time to plan an upgrade in; EKS itself writes 60 days before the end. */
const warningDays = 90;

/**
 * The day on which standard support of a version ends, `2026-12-02`.
 *
 * @throws pulumi.RunError when the version is not in the table
 */
export function supportEndOf(version: string): string {
  const end = new Map(Object.entries(endOfStandardSupport)).get(version);
  if (end === undefined) {
    const allowed = Object.keys(endOfStandardSupport).join(", ");
    throw new pulumi.RunError(
      `no such version of EKS: got ${JSON.stringify(version)}; allowed: ${allowed}`,
    );
  }
  return end;
}

/**
 * Says in one line that a version's standard support ends within 90 days, or has ended; nothing
 * before.
 *
 * @param log takes the line
 * @throws pulumi.RunError when the version is not in the table
 */
export function warnBeforeEnd(version: string, today: Date, log: (line: string) => void): void {
  const end = supportEndOf(version);
  const days = Math.ceil((Date.parse(end) - today.getTime()) / dayMs);
  if (days > warningDays) return;
  const versions = Object.keys(endOfStandardSupport);
  // EKS upgrades by one minor version at a time.
  const next = versions[versions.indexOf(version) + 1] ?? "the next version";
  const remedy = `upgrade to ${next}, or EKS does it by itself`;
  log(
    days > 0
      ? `standard support of EKS ${version} ends on ${end}, days left: ${days}; ${remedy}`
      : `standard support of EKS ${version} ended on ${end}; ${remedy}`,
  );
}
