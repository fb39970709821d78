import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse, stringify } from "yaml";
import { type Recorded, record } from "../mocks.ts";

const root = resolve(__dirname, "../..");

const kubeconfig = stringify({
  contexts: [{ name: "minikube", context: { cluster: "minikube", user: "minikube" } }],
  clusters: [{ name: "minikube", cluster: { server: "https://192.0.2.10:8443" } }],
});

/** What a run of the whole program registered and exported. */
export interface Run {
  readonly resources: readonly Recorded[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Settings of a committed stack file, without the project's prefix. */
export function settingsOf(stack: string): Record<string, unknown> {
  const { config } = parse(readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8"));
  const entries = Object.entries<unknown>(config ?? {});
  return Object.fromEntries(
    entries.map(([key, value]) => [key.replace("web-greetings:", ""), value]),
  );
}

/** Runs index.ts under mocks with these settings, on a machine whose kubeconfig has minikube. */
export async function run(settings: Record<string, unknown>): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "program-"));
  const before = process.env.KUBECONFIG;
  process.env.KUBECONFIG = join(folder, "config");
  writeFileSync(process.env.KUBECONFIG, kubeconfig);
  const config = Object.entries(settings).map(([key, value]) => [
    `web-greetings:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  let outputs: Record<string, unknown> = {};
  try {
    const resources = await record(() => {
      pulumi.runtime.setAllConfig(Object.fromEntries(config));
      const program = join(root, "index.ts");
      delete require.cache[program];
      outputs = require(program);
    });
    return { resources, outputs };
  } finally {
    rmSync(folder, { recursive: true });
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
  }
}
