import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stack } from "../../live/stack/fixture.ts";
import { until } from "../../until.ts";
import { type Measured, ratio, seconds } from "../measure.ts";
import { objectsOf } from "./objects.ts";

const namespaces = ["zookeeper", "kafka", "greetings"];

async function applied(stack: Stack, file: string): Promise<void> {
  await stack.kubectl("apply", "-f", file);
  const workloads = ["statefulset/zookeeper:zookeeper", "statefulset/kafka:kafka"];
  for (const entry of [...workloads, "deployment/api:greetings", "deployment/worker:greetings"]) {
    const [name = "", namespace = ""] = entry.split(":");
    await stack.kubectl("rollout", "status", name, "-n", namespace, "--timeout=300s");
  }
  const complete = ["--for=condition=complete", "job", "--all", "-n", "kafka", "--timeout=120s"];
  await stack.kubectl("wait", ...complete);
}

async function removed(stack: Stack, file: string): Promise<void> {
  // Brokers that find no ZooKeeper any more wait for it until their time to stop is over.
  const first = ["statefulset", "--all", "-n", "kafka", "--cascade=foreground", "--timeout=300s"];
  await stack.kubectl("delete", ...first);
  await stack.kubectl("delete", "-f", file, "--ignore-not-found", "--timeout=300s");
  await until(
    "no volume left",
    120,
    async () => (await stack.kubectl("get", "pv", "-o", "name")) === "",
  );
}

async function pulumi(stack: Stack, operation: string): Promise<void> {
  const { code, text } = await stack.pulumi(operation);
  if (code !== 0) throw new Error(text);
}

/** `pulumi up` on an empty cluster with images present, against `kubectl apply` of the same objects. */
export async function upAgainstApply(stack: Stack, rounds: number): Promise<Measured[]> {
  const file = join(tmpdir(), `objects-${process.pid}.json`);
  const ours: number[] = [];
  const theirs: number[] = [];
  await pulumi(stack, "up");
  const state = await stack.ask("pulumi", "stack", "export", "--stack", "dev", "--show-secrets");
  const items = objectsOf(state);
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }), { mode: 0o600 });
  await pulumi(stack, "destroy");
  try {
    for (let round = 0; round < rounds; round++) {
      ours.push(await seconds(() => pulumi(stack, "up")));
      await pulumi(stack, "destroy");
      theirs.push(await seconds(() => applied(stack, file)));
      await removed(stack, file);
    }
  } finally {
    rmSync(file);
  }
  return [
    {
      what: `\`pulumi up\` of the stack on an empty cluster (${items.length} objects in ${namespaces.length} namespaces)`,
      ours,
      against: { what: "`kubectl apply` of the same objects, and wait", values: theirs },
      unit: "s",
      goal: "at most 1.15 x",
      met: ratio(ours, theirs) <= 1.15,
    },
  ];
}

/** `pulumi up` and `preview` with nothing to do. */
export async function idle(stack: Stack, rounds: number): Promise<Measured[]> {
  await pulumi(stack, "up");
  const measured: Measured[] = [];
  for (const operation of ["up", "preview"]) {
    const ours: number[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await seconds(() => pulumi(stack, operation)));
    }
    const met = Math.max(...ours) <= 10;
    const what = `\`pulumi ${operation}\` with nothing to change`;
    measured.push({ what, ours, unit: "s", goal: "at most 10 s", met });
  }
  return measured;
}
