import { readFile } from "node:fs/promises";
import { Gauge, type Registry } from "../../shared/metrics-server.ts";

/** The first line of nginx's configuration. */
const INSTANCES = /^# instances: (\d+)$/m;

/**
 * How many instances a configuration of nginx has as it comes from consul-template; none where there
 * is no configuration yet.
 */
export async function readInstances(file: string): Promise<number> {
  const config = await readFile(file, "utf8").catch(() => "");
  return Number(INSTANCES.exec(config)?.[1] ?? 0);
}

/**
 * Adds to a registry how many instances of the API Consul has last told of. nginx may serve on by
 * those before: it does not take none for an answer.
 */
export function exportInstances(file: string, registry: Registry): void {
  new Gauge({
    name: "edge_upstream_instances",
    help: "Instances of the API that pass their checks, as Consul told last",
    registers: [registry],
    async collect() {
      this.set(await readInstances(file));
    },
  });
}
