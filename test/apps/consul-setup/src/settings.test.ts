import assert from "node:assert/strict";
import { readSetupSettings } from "../../../../apps/consul-setup/src/settings.ts";
import { parseWanted } from "../../../../apps/consul-setup/src/wanted.ts";

const required = {
  CONSUL_ADDRESS: "consul.consul.svc:8501",
  CONSUL_CA_FILE: "/tls/ca.crt",
  CONSUL_CERT_FILE: "/tls/tls.crt",
  CONSUL_KEY_FILE: "/tls/tls.key",
  ACL_FILE: "/config/acl.json",
  SECRETS_FOLDER: "/secrets",
  REVIEWER_FOLDER: "/reviewer",
};

describe("settings of the set-up", () => {
  it("are these, with where to ask Kubernetes, four minutes and every half minute unless it is told", () => {
    assert.deepEqual(readSetupSettings(required), {
      ...required,
      KUBERNETES_URL: "https://kubernetes.default.svc",
      DEADLINE_MS: 240_000,
      PERIOD_MS: 30_000,
      ADMIN_PORT: 9090,
      LOG_LEVEL: "info",
    });
    const named = { ...required, KUBERNETES_URL: "https://10.0.0.1", LOG_LEVEL: "warn" };
    const told = { ...named, DEADLINE_MS: "1000", PERIOD_MS: "100", ADMIN_PORT: "0" };
    assert.deepEqual(readSetupSettings(told), {
      ...named,
      DEADLINE_MS: 1000,
      PERIOD_MS: 100,
      ADMIN_PORT: 0,
    });
  });

  it("fail with every one that is missing", () => {
    const expected = Object.keys(required).map((key) => `setting ${key}: missing, but required`);
    assert.throws(
      () => readSetupSettings({}),
      ({ message }: Error) => {
        assert.deepEqual(message.split("\n").sort(), expected.sort());
        return true;
      },
    );
  });

  it("fail with a time that is none", () => {
    for (const [key, wrong] of [
      ["DEADLINE_MS", ["999", "3600001", "soon"]],
      ["PERIOD_MS", ["99", "3600001", "soon"]],
    ] as const) {
      for (const value of wrong) {
        assert.throws(
          () => readSetupSettings({ ...required, [key]: value }),
          new RegExp(`${key}: got "${value}"`),
        );
      }
    }
  });
});

describe("acl.json, read", () => {
  const good = {
    authMethod: "kubernetes",
    policies: [{ name: "api", rules: "" }],
    tokens: [{ name: "agent", accessor: "00000000-0000-4000-8000-0000000a9e17" }],
    logins: [{ role: "api", selector: "a == b" }],
  };

  it("is what it says", () => assert.deepEqual(parseWanted(JSON.stringify(good)), good));

  const faults: [string, object][] = [
    ["authMethod", { authMethod: "" }],
    ["policies.0.name", { policies: [{ name: "", rules: "" }] }],
    ["policies.0", { policies: [{ name: "a", rules: "", colour: "red" }] }],
    ["tokens.0.accessor", { tokens: [{ name: "agent", accessor: "agent" }] }],
    ["logins.0.selector", { logins: [{ role: "api", selector: "" }] }],
    ["logins", { logins: undefined }],
    ["", { colour: "red" }],
  ];
  for (const [where, wrong] of faults) {
    it(`fails with a fault at ${where || "the top"}: ${JSON.stringify(wrong)}`, () => {
      assert.throws(
        () => parseWanted(JSON.stringify({ ...good, ...wrong })),
        ({ message }: Error) => message.startsWith(`acl.json: ${where}: `),
      );
    });
  }
});
