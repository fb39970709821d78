import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../../sandbox/make/session.ts";
import type { Stack } from "../../live/stack/fixture.ts";
import { type Measured, ratio, seconds } from "../measure.ts";

const base = 100;

const program = `
import * as k8s from "@pulumi/kubernetes";
const provider = new k8s.Provider("cluster", { context: "sandbox", clusterIdentifier: "sandbox" });
const metadata = { name: "growth" };
const namespace = new k8s.core.v1.Namespace("growth", { metadata }, { provider });
for (let index = 0; index < Number(process.env.COUNT); index++) {
  const metadata = { namespace: namespace.metadata.name, name: \`c\${index}\` };
  new k8s.core.v1.ConfigMap(\`c\${index}\`, { metadata, data: { index: \`\${index}\` } }, { provider });
}
`;

/** How an idle \`pulumi up\` grows with 2 x and 4 x the resources. */
export async function growth(stack: Stack, rounds: number): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), "growth-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: growth\nruntime: nodejs\nmain: index.ts\n");
  writeFileSync(join(folder, "index.ts"), program);
  writeFileSync(join(folder, "tsconfig.json"), '{"compilerOptions":{"module":"nodenext"}}');
  writeFileSync(join(folder, "package.json"), '{"name":"growth","type":"commonjs"}');
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const pulumi = async (count: number, ...args: string[]) => {
    stack.session.environment.COUNT = `${count}`;
    const { code, text } = await stack.run("pulumi", [...args, "--stack", "growth"], folder);
    if (code !== 0) throw new Error(text);
  };
  const yes = ["--yes", "--skip-preview", "--non-interactive"];
  const times: Record<number, number[]> = {};
  try {
    await pulumi(0, "stack", "select", "--create");
    for (const factor of [1, 2, 4]) {
      await pulumi(base * factor, "up", ...yes);
      const values: number[] = [];
      for (let round = 0; round < rounds; round++) {
        values.push(await seconds(() => pulumi(base * factor, "up", ...yes)));
      }
      times[factor] = values;
    }
  } finally {
    await pulumi(0, "destroy", ...yes).catch(() => undefined);
    await pulumi(0, "stack", "rm", "--yes", "--force").catch(() => undefined);
    rmSync(folder, { recursive: true });
  }
  const one = times[1] ?? [];
  return [2, 4].map((factor) => {
    const ours = times[factor] ?? [];
    return {
      what: `an idle \`pulumi up\` of ${base * factor} resources`,
      ours,
      against: { what: `of ${base}`, values: one },
      unit: "s",
      goal: `at most ${factor} x`,
      met: ratio(ours, one) <= factor,
    };
  });
}
