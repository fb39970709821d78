import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stack } from "../../live/stack/fixture.ts";
import { until } from "../../until.ts";
import { type Measured, ratio, seconds } from "../measure.ts";
import { type KubernetesObject, objectsOf } from "./objects.ts";

const of = ({ kind, metadata: { name, namespace = "" } }: KubernetesObject) =>
  [`${kind.toLowerCase()}/${name}`, "--namespace", namespace] as const;

/** `kubectl apply` of all objects at once, and the wait for what runs to be ready. */
async function applied(
  stack: Stack,
  file: string,
  objects: readonly KubernetesObject[],
): Promise<void> {
  await stack.kubectl("apply", "-f", file);
  for (const object of objects) {
    if (["StatefulSet", "DaemonSet", "Deployment"].includes(object.kind)) {
      await stack.kubectl("rollout", "status", ...of(object), "--timeout=300s");
    }
    if (object.kind === "Job") {
      const complete = ["--for=condition=complete", "--timeout=120s"];
      await stack.kubectl("wait", ...of(object), ...complete);
    }
  }
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
      theirs.push(await seconds(() => applied(stack, file, items)));
      await removed(stack, file);
    }
  } finally {
    rmSync(file);
  }
  return [
    {
      what: `\`pulumi up\` of the stack on an empty cluster (${items.length} objects)`,
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
