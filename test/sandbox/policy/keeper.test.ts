import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Binding, Bindings } from "../../../sandbox/policy/bindings.ts";
import { Keeper } from "../../../sandbox/policy/keeper.ts";
import type { Namespace, NetworkPolicy, Pod } from "../../../sandbox/policy/objects.ts";
import { until } from "../../until.ts";

interface Fake<T> {
  objects: readonly T[] | undefined;
  problem: string | undefined;
}

function podOf(name: string, podIP?: string, phase = "Running"): Pod {
  return {
    metadata: { namespace: "shop", name, uid: `uid-${name}`, labels: {} },
    spec: { containers: [] },
    status: { phase, ...(podIP ? { podIP } : {}) },
  };
}

function bindingOf(name: string, address: string): Binding {
  return { container: `c-${name}`, address, namespace: "shop", name, uid: `uid-${name}` };
}

describe("keeper of the rules", () => {
  let folder: string;
  let pods: Fake<Pod>;
  let policies: Fake<NetworkPolicy>;
  let bindings: Bindings;
  let loaded: string[];
  let verify: () => Promise<void>;

  const make = (): Keeper =>
    new Keeper({
      pods,
      namespaces: { objects: [{ metadata: { name: "shop" } }] as Namespace[], problem: undefined },
      policies,
      bindings,
      load: async (text) => void loaded.push(text),
      verify: () => verify(),
      log: () => undefined,
      gather: 1,
      retry: 1,
    });
  /** The addresses of pods in the text that was loaded last. */
  const known = (): readonly string[] => {
    const [, elements] = /set pods \{[^}]*elements = \{ (.*?) \}/.exec(loaded.at(-1) ?? "") ?? [];
    return elements?.split(", ") ?? [];
  };
  const started = async (): Promise<Keeper> => {
    const keeper = make();
    keeper.changed();
    await until("the first rules", 5, () => loaded.length > 0);
    return keeper;
  };
  const health = (keeper: Keeper) => keeper.handle({ command: "health" });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "keeper-"));
    bindings = new Bindings(join(folder, "bindings"));
    pods = { objects: [], problem: undefined };
    policies = { objects: [], problem: undefined };
    loaded = [];
    verify = async () => undefined;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("loads nothing before everything was read", async () => {
    policies = { objects: undefined, problem: "the policies were not read yet" };
    const keeper = make();
    keeper.changed();
    await until("the reason is known", 5, () =>
      health(keeper).catch((error: Error) => error.message === "the policies were not read yet"),
    );
    assert.deepEqual(loaded, []);
    policies.objects = [];
    policies.problem = undefined;
    keeper.changed();
    await until("the rules", 5, () => loaded.length === 1);
    await health(keeper);
  });

  it("has a new pod wait until it is known and its rules stand", async () => {
    const keeper = await started();
    let isDone = false;
    const added = keeper
      .handle({ command: "add", binding: bindingOf("db", "10.201.0.2") })
      .then(() => {
        isDone = true;
      });
    await until("the binding is kept", 5, () => bindings.has("10.201.0.2"));
    assert.equal(isDone, false);
    pods.objects = [podOf("db")];
    keeper.changed();
    await added;
    assert.deepEqual(known(), ["10.201.0.2"]);
  });

  it("has a pod of the same name wait for its own object, not for the former one", async () => {
    pods.objects = [podOf("db", "10.201.0.2")];
    const keeper = await started();
    const binding = { ...bindingOf("db", "10.201.0.9"), uid: "uid-of-the-next" };
    const added = keeper.handle({ command: "add", binding });
    await until("the binding is kept", 5, () => bindings.has("10.201.0.9"));
    const next = podOf("db");
    pods.objects = [{ ...next, metadata: { ...next.metadata, uid: "uid-of-the-next" } }];
    keeper.changed();
    await added;
    assert.deepEqual(known(), ["10.201.0.9"]);
  });

  it("forgets a pod whose network is taken away, though the API has it still", async () => {
    const keeper = await started();
    pods.objects = [podOf("db", "10.201.0.2")];
    await keeper.handle({ command: "add", binding: bindingOf("db", "10.201.0.2") });
    await keeper.handle({ command: "delete", container: "c-db" });
    await until("it is gone", 5, () => known().length === 0);
    assert.deepEqual(bindings.all, []);
  });

  it("knows pods that were there before it, by their status", async () => {
    pods.objects = [podOf("early", "10.201.0.2"), podOf("ended", "10.201.0.3", "Succeeded")];
    const keeper = await started();
    assert.deepEqual(known(), ["10.201.0.2"]);
    pods.objects = [podOf("early", "10.201.0.2"), podOf("late", "10.201.0.4")];
    policies.objects = [
      { metadata: { namespace: "shop", name: "deny" }, spec: { podSelector: {} } },
    ];
    keeper.changed();
    await until("the policy", 5, () => loaded.at(-1)?.includes("shop/deny"));
    assert.deepEqual(known(), ["10.201.0.2"]);
  });

  it("takes a binding for more than a status", async () => {
    pods.objects = [podOf("early", "10.201.0.2")];
    const keeper = await started();
    pods.objects = [...pods.objects, podOf("new")];
    await keeper.handle({ command: "add", binding: bindingOf("new", "10.201.0.2") });
    await keeper.handle({ command: "check", container: "c-new", address: "10.201.0.2" });
    assert.deepEqual(known(), ["10.201.0.2"]);
  });

  it("forgets what went while no process was there", async () => {
    bindings.add(bindingOf("gone", "10.201.0.2"));
    bindings.add(bindingOf("there", "10.201.0.3"));
    pods.objects = [podOf("there")];
    await started();
    assert.deepEqual(known(), ["10.201.0.3"]);
    assert.deepEqual(bindings.all, [bindingOf("there", "10.201.0.3")]);
  });

  it("keeps a pod that comes before everything was read", async () => {
    pods.objects = undefined;
    const keeper = make();
    const added = keeper.handle({ command: "add", binding: bindingOf("db", "10.201.0.2") });
    pods.objects = [];
    keeper.changed();
    await until("the first rules", 5, () => loaded.length === 1);
    pods.objects = [podOf("db")];
    keeper.changed();
    await added;
    assert.deepEqual(known(), ["10.201.0.2"]);
  });

  it("fails a check of an address that is not the container's", async () => {
    const keeper = await started();
    const check = { command: "check", container: "c-db", address: "10.201.0.2" } as const;
    await assert.rejects(keeper.handle(check), { message: "c-db has none, not 10.201.0.2" });
  });

  it("is not healthy when the table is gone, and puts it back", async () => {
    const keeper = await started();
    verify = () => Promise.reject(new Error("no such table"));
    await assert.rejects(health(keeper), { message: "no such table" });
    await until("the rules are loaded again", 5, () => loaded.length === 2);
    verify = async () => undefined;
    await health(keeper);
  });
});
