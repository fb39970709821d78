import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { names } from "../../../workloads/grafana/config.ts";
import type { Recorded } from "../../mocks.ts";
import { run, settingsOf } from "../../stack/program.ts";
import { inputs, isKubernetes, kindOf } from "../../stack/workloads.ts";
import type { Stack } from "./fixture.ts";

/** What the engine wraps a secret with. */
const SECRET = "4dabf18193072939515e22adb298388d";

/** An object as Pulumi's plugin would send it: named, and with its secrets in the clear. */
function objectOf(resource: Recorded): object {
  const { metadata, ...rest } = inputs(resource);
  const object = { ...rest, metadata: { name: resource.name, ...metadata } };
  return JSON.parse(JSON.stringify(object), (_, value) => {
    return value !== null && typeof value === "object" && SECRET in value ? value.value : value;
  });
}

/** That Kubernetes would take Grafana's objects, as the sandbox has no image to run it of. */
export function grafana(stack: () => Stack): void {
  describe("Grafana, which the sandbox cannot run", () => {
    let folder: string;
    let space: Recorded | undefined;
    let resources: readonly Recorded[] = [];

    /** Has the API server look at objects, field by field, and keep none of them. */
    const look = (objects: readonly object[], ...more: string[]) => {
      const file = join(folder, "objects.json");
      writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
      const strictly = ["apply", "--validate=strict", ...more, "-f", file];
      return stack().run("kubectl", strictly);
    };
    const trial = (objects: readonly object[]) => look(objects, "--dry-run=server");

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "grafana-"));
      const made = (await run(settingsOf("dev"))).resources.filter(isKubernetes);
      space = made.find((of) => kindOf(of) === "Namespace" && of.name === names.namespace);
      resources = made.filter((of) => inputs(of).metadata?.namespace === names.namespace);
      assert.ok(space);
      const { code, text } = await look([objectOf(space)]);
      assert.equal(code, 0, text);
    });
    after(async () => {
      if (space) await stack().kubectl("delete", "namespace", names.namespace);
      rmSync(folder, { recursive: true });
    });

    it("is taken by Kubernetes, object for object, without a warning", async () => {
      const { code, text } = await trial(resources.map(objectOf));
      assert.equal(code, 0, text);
      const taken = text.trim().split("\n").sort();
      assert.deepEqual(
        taken.filter((line) => !line.endsWith(" created (server dry run)")),
        [],
      );
      assert.equal(taken.length, resources.length);
      console.log(`      ${taken.length} objects`);
    });

    it("would not be with a field that there is not", async () => {
      const server = resources.find((of) => kindOf(of) === "StatefulSet");
      assert.ok(server);
      const { spec } = inputs(server);
      const wrong = { ...server, inputs: { ...inputs(server), spec: { ...spec, replica: 1 } } };
      const { code, text } = await trial([objectOf(wrong)]);
      assert.equal(code, 1);
      // An older kubectl looks itself, by the schema that the API server hands out.
      assert.match(text, /unknown field "(spec\.)?replica"/);
    });
  });
}
