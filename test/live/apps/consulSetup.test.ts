import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../../../apps/build.ts";
import { fixedTokens, renderAcl } from "../../../workloads/consul/acl.ts";
import { freePort } from "../../apps/broker.ts";
import { startConsul, type TrialConsul, whyNoConsul } from "../../apps/consul.ts";
import { until } from "../../until.ts";

const PERIOD_MS = 1000;
/** Seconds until all is there again: a pause, a pass, and a machine that has other things to do. */
const HEALED = 10;

const consumers = ["till", "door"].map((name) => ({
  name,
  namespace: "shop",
  serviceAccount: name,
  registers: [name],
  reads: [],
}));

/** Kinds of objects of the access control, and what an object goes by. */
const kinds = {
  policies: { name: "Name", id: "ID", one: "policy" },
  tokens: { name: "AccessorID", id: "AccessorID", one: "token" },
  roles: { name: "Name", id: "ID", one: "role" },
  "binding-rules": { name: "BindName", id: "ID", one: "binding-rule" },
  "auth-methods": { name: "Name", id: "Name", one: "auth-method" },
} as const;

type Kind = keyof typeof kinds;

/** What the declaration asks for, sorted. */
const declared: Readonly<Record<Kind, readonly string[]>> = {
  policies: ["agent", "dns", "door", "till"],
  tokens: fixedTokens.map(({ accessor }) => accessor).sort(),
  roles: ["door", "till"],
  "binding-rules": ["door", "till"],
  "auth-methods": ["kubernetes"],
};

describe("the set-up and a real Consul", function () {
  this.timeout(180_000);
  let consul: TrialConsul;
  let folder = "";
  let program: ChildProcess | undefined;
  let printed = "";
  let adminPort = 0;

  before(async function () {
    const reason = whyNoConsul();
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    consul = await startConsul();
    // The login of other tests is of another type, which Consul does not change.
    await consul.ask("DELETE", "/v1/acl/auth-method/kubernetes");
    await consul.kill();
    folder = mkdtempSync(join(tmpdir(), "consul-setup-"));
    adminPort = await freePort();
    program = start();
  });

  after(async () => {
    program?.kill("SIGKILL");
    await consul?.remove();
    if (folder) rmSync(folder, { recursive: true });
  });

  /** The program as its image holds it, with files as its pod has them. */
  function start(): ChildProcess {
    const { address, caFile, certFile, keyFile, loginFile } = consul.settings("set-up");
    const { management, gossipKey } = consul.secrets;
    for (const name of ["secrets", "reviewer"]) mkdirSync(join(folder, name));
    const tokens = fixedTokens.map(({ name, accessor }) => [`${name}-token`, accessor] as const);
    for (const [name, text] of [
      ["management-token", management],
      ["gossip-key", gossipKey],
      ...tokens,
    ] as const) {
      writeFileSync(join(folder, "secrets", name), text);
    }
    copyFileSync(caFile, join(folder, "reviewer/ca.crt"));
    copyFileSync(loginFile, join(folder, "reviewer/token"));
    writeFileSync(join(folder, "acl.json"), renderAcl(consumers));
    const child = spawn(process.execPath, [join(bundle("consul-setup"), "main.cjs")], {
      env: {
        CONSUL_ADDRESS: address,
        CONSUL_CA_FILE: caFile,
        CONSUL_CERT_FILE: certFile,
        CONSUL_KEY_FILE: keyFile,
        ACL_FILE: join(folder, "acl.json"),
        SECRETS_FOLDER: join(folder, "secrets"),
        REVIEWER_FOLDER: join(folder, "reviewer"),
        ADMIN_PORT: `${adminPort}`,
        PERIOD_MS: `${PERIOD_MS}`,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
      });
    }
    return child;
  }

  const list = async (kind: Kind) =>
    (await consul.ask("GET", `/v1/acl/${kind}`)) as readonly Readonly<Record<string, string>>[];

  /** Names of what is there of the declaration, by kind. */
  async function present(): Promise<Record<string, string[]>> {
    const found = Object.entries(kinds).map(async ([kind, { name }]) => {
      const names = (await list(kind as Kind)).map((object) => object[name] ?? "");
      return [kind, names.filter((of) => declared[kind as Kind].includes(of)).sort()] as const;
    });
    return Object.fromEntries(await Promise.all(found));
  }

  const isWhole = async () => {
    assert.deepEqual(await present(), declared);
    return true;
  };

  const readiness = async () => (await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status;

  async function heal(what: string, begin: number): Promise<void> {
    await until(`all is there again, after ${what}\n${printed}`, HEALED, isWhole);
    const seconds = ((performance.now() - begin) / 1000).toFixed(2);
    console.log(`      ${what}: all is there again ${seconds} s later`);
    assert.equal(await readiness(), 200);
  }

  it("waits for Consul, makes what is declared, and is ready when it is there", async () => {
    await until("it answers", 60, readiness);
    assert.equal(await readiness(), 503);
    await consul.start();
    await until("it is ready", 60, async () => (await readiness()) === 200);
    assert.equal(await isWhole(), true, printed);
    assert.match(printed, /"msg":"all is as declared"/);
  });

  it("writes nothing while all is there", async () => {
    const made = printed;
    const seen = async () =>
      (await list("policies")).map(({ Name, ModifyIndex }) => `${Name} ${ModifyIndex}`).sort();
    const before = await seen();
    const begin = performance.now();
    await until("three more looks", 10, () => performance.now() - begin > 3 * PERIOD_MS);
    assert.deepEqual(await seen(), before);
    assert.equal(printed, made);
  });

  it("makes again what somebody deleted, of every kind", async () => {
    for (const kind of Object.keys(kinds).reverse() as Kind[]) {
      const { name, id, one } = kinds[kind];
      for (const object of await list(kind)) {
        if (!declared[kind].includes(object[name] ?? "")) continue;
        await consul.ask("DELETE", `/v1/acl/${one}/${object[id]}`);
      }
    }
    await heal("all was deleted", performance.now());
  });

  it("makes everything in a Consul that has lost all it kept", async () => {
    await consul.kill();
    consul.forgetAll();
    const begin = performance.now();
    await consul.start();
    await heal("Consul started without what it kept", begin);
  });

  it("stops at once when it is told to", async () => {
    const begin = performance.now();
    const ended = new Promise((resolve) => program?.once("exit", resolve));
    program?.kill("SIGTERM");
    assert.equal(await ended, 0, printed);
    assert.ok(performance.now() - begin < 3000);
  });
});
