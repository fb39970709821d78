import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { randomGossipKey, randomToken } from "../../../workloads/consul/secrets.ts";
import { type Recorded, record, settle } from "../../mocks.ts";
import { inputsOf, makeRooms, plainRooms, recordRooms } from "../rooms.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What the engine wraps a secret with. */
interface Wrapped {
  readonly value: string;
}

/** Files of a Secret, unwrapped. */
function filesOf(resources: readonly Recorded[], name: string): Record<string, string> {
  const { stringData } = inputsOf(resources, "Secret", name);
  const files = Object.entries<Wrapped>(stringData.value ?? stringData);
  return Object.fromEntries(
    files.map(([file, text]) => [file, typeof text === "string" ? text : text.value]),
  );
}

/** Key and tokens as the set-up gets them. */
function secretsIn(resources: readonly Recorded[]) {
  const { "gossip-key": key = "", ...tokens } = filesOf(resources, "consul-set-up-secrets");
  return { key, tokens };
}

describe("Consul's secrets", () => {
  it("are a key of 32 bytes and tokens in the form of a UUID, each another", async () => {
    const { key, tokens } = secretsIn(await plainRooms());
    assert.equal(Buffer.from(key, "base64").length, 32);
    assert.equal(Buffer.from(key, "base64").toString("base64"), key);
    assert.deepEqual(Object.keys(tokens).sort(), ["agent-token", "dns-token", "management-token"]);
    for (const token of Object.values(tokens)) assert.match(token, UUID);
    assert.equal(new Set(Object.values(tokens)).size, 3);
  });

  it("are random digits of hexadecimal numbers and nothing else", async () => {
    const resources = await plainRooms();
    const HEX = { lower: false, upper: false, numeric: true, special: true };
    const asked = { ...HEX, overrideSpecial: "abcdef", keepers: { edition: "1" } };
    for (const [name, length] of [
      ["consul-gossip", 64],
      ["consul-management-token", 32],
      ["consul-agent-token", 32],
      ["consul-dns-token", 32],
    ] as const) {
      assert.deepEqual(inputsOf(resources, "RandomPassword", name), { ...asked, length });
    }
  });

  it("are known as secrets wherever they go", async () => {
    const secret: boolean[] = [];
    await record(async () => {
      const room = new pulumi.ComponentResource("test:room:Room", "room");
      const { managementToken } = makeRooms().consul;
      for (const output of [
        randomToken("a", room),
        randomGossipKey("b", 1, room),
        managementToken,
      ]) {
        await settle(output);
        secret.push(await pulumi.isSecret(output));
      }
    });
    assert.deepEqual(secret, [true, true, true]);
  });

  it("are each where they are needed, and the management token not with the agents", async () => {
    const resources = await plainRooms();
    const { key, tokens } = secretsIn(resources);
    const [agent, dns, management] = ["agent", "dns", "management"].map(
      (n) => tokens[`${n}-token`],
    );
    const servers = filesOf(resources, "consul-secrets");
    assert.deepEqual(JSON.parse(servers["secrets.json"] ?? ""), {
      encrypt: key,
      acl: { tokens: { initial_management: management, agent } },
    });
    assert.equal(servers.token, management);
    assert.equal(servers.header, `X-Consul-Token: ${management}\n`);
    const agents = filesOf(resources, "consul-agent-secrets");
    assert.deepEqual(Object.keys(agents), ["secrets.json"]);
    assert.deepEqual(JSON.parse(agents["secrets.json"] ?? ""), {
      encrypt: key,
      acl: { tokens: { agent, dns } },
    });
  });

  it("are in no ConfigMap, argument or environment", async () => {
    const resources = await plainRooms();
    const { key, tokens } = secretsIn(resources);
    const elsewhere = resources.filter(
      ({ type }) => type.startsWith("kubernetes:") && !type.endsWith(":Secret"),
    );
    assert.ok(elsewhere.length > 30);
    for (const { type, name, inputs } of elsewhere) {
      const text = JSON.stringify(inputs);
      for (const secret of [key, ...Object.values(tokens)]) {
        assert.equal(text.includes(secret), false, `${type} ${name}`);
      }
    }
  });

  it("can be read by the pod's own group and nobody else", async () => {
    for (const [kind, name] of [
      ["StatefulSet", "consul"],
      ["DaemonSet", "consul-agent"],
      ["Deployment", "consul-set-up"],
    ] as const) {
      const { volumes } = inputsOf(await plainRooms(), kind, name).spec.template.spec;
      for (const { name: volume, secret } of volumes) {
        if (secret) assert.equal(secret.defaultMode, 0o440, `${name}/${volume}`);
      }
    }
  });
});

describe("another edition of the gossip key", () => {
  it("is another key in every secret, and the same tokens", async () => {
    const [before, after] = await Promise.all([
      plainRooms(),
      recordRooms({ consul: { gossipKeyEdition: 2 } }),
    ]);
    const [first, second] = [secretsIn(before), secretsIn(after)];
    assert.notEqual(first.key, second.key);
    assert.equal(Buffer.from(second.key, "base64").length, 32);
    assert.deepEqual(first.tokens, second.tokens);
    for (const name of ["consul-secrets", "consul-agent-secrets"]) {
      const { encrypt } = JSON.parse(filesOf(after, name)["secrets.json"] ?? "");
      assert.equal(encrypt, second.key, name);
    }
  });

  it("rolls the set-up, since no name of its Secret is fixed", async () => {
    const resources = await plainRooms();
    const { template } = inputsOf(resources, "Deployment", "consul-set-up").spec;
    for (const name of ["consul-set-up-secrets", "consul-secrets", "consul-agent-secrets"]) {
      assert.equal(inputsOf(resources, "Secret", name).metadata.name, undefined, name);
    }
    const { secret } = template.spec.volumes.find(
      ({ name }: { readonly name: string }) => name === "secrets",
    );
    assert.equal(secret.secretName, "consul-set-up-secrets");
  });
});
