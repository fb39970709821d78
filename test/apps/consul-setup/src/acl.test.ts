import assert from "node:assert/strict";
import fc from "fast-check";
import { applyAcl } from "../../../../apps/consul-setup/src/acl.ts";
import type { Wanted } from "../../../../apps/consul-setup/src/wanted.ts";
import { FakeConsul } from "./fakeConsul.ts";

const accessors: Readonly<Record<string, string>> = {
  agent: "00000000-0000-4000-8000-0000000a9e17",
  dns: "00000000-0000-4000-8000-000000000d15",
};

/** What is wanted for services by name, each with a policy, and a login where it has a selector. */
function wantedFor(consumers: Readonly<Record<string, string>>): Wanted {
  const names = Object.keys(consumers);
  return {
    authMethod: "kubernetes",
    policies: ["agent", "dns", ...names].map((name) => ({ name, rules: `rules of ${name}` })),
    tokens: Object.entries(accessors).map(([name, accessor]) => ({ name, accessor })),
    logins: names.map((role) => ({ role, selector: consumers[role] ?? "" })),
  };
}

const secretsOf = (edition: string) => ({
  token: (name: string) => `secret-${name}-${edition}`,
  reviewer: { host: "https://k8s", authority: "secret-ca", token: `secret-reviewer-${edition}` },
});

/** Applies, and gives the lines that it says. */
async function apply(consul: FakeConsul, wanted: Wanted, edition = "1"): Promise<string[]> {
  const lines: string[] = [];
  await applyAcl(consul.call, wanted, secretsOf(edition), (line) => lines.push(line));
  return lines;
}

/** A Consul in which this is so already. */
async function consulWith(wanted: Wanted, edition = "1"): Promise<FakeConsul> {
  const consul = new FakeConsul();
  await apply(consul, wanted, edition);
  consul.writes.length = 0;
  return consul;
}

const two = wantedFor({ api: "name == api", worker: "name == worker" });

describe("access control", () => {
  it("is made as it is wanted", async () => {
    const consul = new FakeConsul();
    assert.deepEqual(await apply(consul, two), [
      "policy agent: made",
      "policy dns: made",
      "policy api: made",
      "policy worker: made",
      "token agent: made",
      "token dns: made",
      "role api: made",
      "role worker: made",
      "login kubernetes: made",
      "login of api: made",
      "login of worker: made",
    ]);
    const { Policies, Description, ...token } =
      consul.find("token", "AccessorID", accessors.agent ?? "") ?? {};
    assert.deepEqual(token, { AccessorID: accessors.agent, SecretID: "secret-agent-1" });
    assert.equal(Description, "Made by web-greetings. Used by the agents: agent.");
    assert.deepEqual(
      JSON.parse(JSON.stringify(Policies)).map(({ Name }: { Name: string }) => Name),
      ["agent"],
    );
    assert.deepEqual(consul.find("auth-method", "Name", "kubernetes"), {
      Name: "kubernetes",
      Type: "kubernetes",
      Description: "Made by web-greetings.",
      MaxTokenTTL: "24h0m0s",
      Config: { Host: "https://k8s", CACert: "secret-ca", ServiceAccountJWT: "secret-reviewer-1" },
    });
    const { ID, ...rule } = consul.find("binding-rule", "BindName", "api") ?? {};
    assert.deepEqual(rule, {
      AuthMethod: "kubernetes",
      Description: "Made by web-greetings.",
      BindType: "role",
      BindName: "api",
      Selector: "name == api",
    });
  });

  it("that is so already is left alone, without a single write", async () => {
    const consul = await consulWith(two);
    assert.deepEqual(await apply(consul, two), []);
    assert.deepEqual(consul.writes, []);
  });

  it("is changed where it differs, and nowhere else", async () => {
    const consul = await consulWith(two);
    const [agent, dns, api, worker] = two.policies;
    assert.ok(agent && dns && api && worker);
    const changed: Wanted = {
      ...two,
      policies: [agent, dns, { ...api, rules: "others" }, worker],
      logins: two.logins.map((login) =>
        login.role === "worker" ? { ...login, selector: "name == other" } : login,
      ),
    };
    const lines = ["policy api: changed", "login of worker: changed"];
    assert.deepEqual(await apply(consul, changed), lines);
    assert.equal(consul.writes.length, 2);
    assert.equal(consul.find("policy", "Name", "api")?.Rules, "others");
    assert.equal(consul.find("binding-rule", "BindName", "worker")?.Selector, "name == other");
  });

  it("asks Kubernetes by another token when it is told another", async () => {
    const consul = await consulWith(two);
    const tokensAsBefore = { ...secretsOf("1"), reviewer: secretsOf("2").reviewer };
    const lines: string[] = [];
    await applyAcl(consul.call, two, tokensAsBefore, (line) => lines.push(line));
    assert.deepEqual(lines, ["login kubernetes: changed"]);
    const { Config } = consul.find("auth-method", "Name", "kubernetes") ?? {};
    assert.deepEqual(Config, {
      Host: "https://k8s",
      CACert: "secret-ca",
      ServiceAccountJWT: "secret-reviewer-2",
    });
  });

  it("takes away what it made and is wanted no longer: who may log in first, policies last", async () => {
    const consul = await consulWith(two);
    assert.deepEqual(await apply(consul, wantedFor({ api: "name == api" })), [
      "login of worker: deleted",
      "role worker: deleted",
      "policy worker: deleted",
    ]);
    assert.deepEqual(consul.state, (await consulWith(wantedFor({ api: "name == api" }))).state);
  });

  it("leaves what somebody else made", async () => {
    const consul = await consulWith(two);
    const theirs = { ID: "x", Name: "theirs", Description: "By hand." };
    consul.put("policy", { ...theirs, Rules: "" });
    consul.put("role", { ...theirs, Policies: [] });
    assert.deepEqual(await apply(consul, two), []);
    assert.deepEqual(consul.writes, []);
  });

  it("makes a fixed token anew when its secret is another, under the same name", async () => {
    const consul = await consulWith(two);
    const { reviewer } = secretsOf("1");
    const lines: string[] = [];
    const secrets = {
      token: (name: string) => (name === "dns" ? "new" : `secret-${name}-1`),
      reviewer,
    };
    await applyAcl(consul.call, two, secrets, (line) => lines.push(line));
    assert.deepEqual(lines, ["token dns: deleted", "token dns: made"]);
    assert.equal(consul.find("token", "AccessorID", accessors.dns ?? "")?.SecretID, "new");
  });

  for (const kind of ["agent", "api"]) {
    it(`gives its rights back to who had those of ${kind}, when its policy was deleted by hand`, async () => {
      const consul = await consulWith(two);
      const { state } = consul;
      consul.drop("policy", consul.find("policy", "Name", kind)?.ID);
      await apply(consul, two);
      assert.deepEqual(consul.state, state);
    });
  }

  it("says nothing secret, whatever it does", async () => {
    const consul = await consulWith(two);
    const lines = [
      ...(await apply(new FakeConsul(), two)),
      ...(await apply(consul, wantedFor({ other: "a" }), "2")),
    ];
    assert.ok(lines.length > 15);
    for (const line of lines) assert.doesNotMatch(line, /secret|rules|name ==/);
  });
});

describe("access control, interrupted", () => {
  const selectors = fc.dictionary(
    fc.constantFrom("api", "worker", "edge", "backup"),
    fc.constantFrom("name == a", "name == b"),
    { noNullPrototype: true },
  );
  const edition = fc.constantFrom("1", "2");

  it("at any write, before or after it was done, ends as if it had not been", async () => {
    let interrupted = 0;
    await fc.assert(
      fc.asyncProperty(selectors, selectors, edition, fc.boolean(), async (a, b, to, done) => {
        const [before, after] = [wantedFor(a), wantedFor(b)];
        const whole = await consulWith(before);
        await apply(whole, after, to);
        for (let at = 1; at <= whole.writes.length; at++) {
          const consul = await consulWith(before);
          consul.fails = { at, done };
          await assert.rejects(apply(consul, after, to), /interrupted/);
          consul.fails = undefined;
          await apply(consul, after, to);
          assert.deepEqual(consul.state, whole.state);
          interrupted++;
        }
        whole.writes.length = 0;
        await apply(whole, after, to);
        assert.deepEqual(whole.writes, []);
      }),
      { numRuns: 40 },
    );
    assert.ok(interrupted > 100, `${interrupted} interruptions`);
  });

  it("depends on nothing but what is wanted last", async () => {
    await fc.assert(
      fc.asyncProperty(selectors, selectors, edition, async (a, b, to) => {
        const consul = await consulWith(wantedFor(a));
        await apply(consul, wantedFor(b), to);
        assert.deepEqual(consul.state, (await consulWith(wantedFor(b), to)).state);
      }),
      { numRuns: 40 },
    );
  });
});
