import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { stringify } from "yaml";
import { access } from "../../../../sandbox/plugins/kubernetes/kubeconfig.ts";

const EMPTY = { kubeconfig: "", context: "", cluster: "" };

function config(name: string, user: object, cluster: object = {}): object {
  return {
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name, namespace: `${name}-space` } }],
    clusters: [{ name, cluster: { server: `https://${name}/`, ...cluster } }],
    users: [{ name, user }],
  };
}

describe("kubeconfig", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "kubeconfig-"));
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  it("is read from content, with what it embeds", async () => {
    const data = (word: string) => Buffer.from(word).toString("base64");
    const user = { "client-certificate-data": data("cert"), "client-key-data": data("key") };
    const content = stringify(config("one", user, { "certificate-authority-data": data("ca") }));
    assert.deepEqual(await access({ ...EMPTY, kubeconfig: content }), {
      server: "https://one",
      namespace: "one-space",
      insecure: false,
      ca: "ca",
      clientCertificate: "cert",
      clientKey: "key",
    });
  });

  it("is read from a path, with the files beside it", async () => {
    await writeFile(join(folder, "ca.crt"), "ca");
    const file = join(folder, "config");
    await writeFile(file, stringify(config("one", {}, { "certificate-authority": "ca.crt" })));
    assert.equal((await access({ ...EMPTY, kubeconfig: file })).ca, "ca");
  });

  it("is joined from the files of KUBECONFIG", async () => {
    const files = ["two", "three"].map((name) => join(folder, name));
    await writeFile(join(folder, "two"), stringify(config("two", { token: "t" })));
    await writeFile(join(folder, "three"), stringify(config("three", { username: "u" })));
    const environment = { KUBECONFIG: files.join(delimiter) };
    const found = await access({ ...EMPTY, context: "three" }, environment);
    assert.equal(found.server, "https://three");
    assert.equal(await found.authorization?.(), `Basic ${Buffer.from("u:").toString("base64")}`);
    const first = await access(EMPTY, environment);
    assert.equal(await first.authorization?.(), "Bearer t");
  });

  it("runs the program that hands out credentials", async () => {
    const credential = JSON.stringify({ status: { token: "issued" } });
    const exec = { apiVersion: "v1", command: "echo", args: [credential] };
    const content = stringify(config("one", { exec }));
    const found = await access({ ...EMPTY, kubeconfig: content });
    assert.equal(await found.authorization?.(), "Bearer issued");
  });

  it("fails when the context is not there, naming those that are", async () => {
    const content = stringify(config("one", {}));
    await assert.rejects(access({ ...EMPTY, kubeconfig: content, context: "prod" }), {
      message: 'kubeconfig has no context "prod"; it has: one',
    });
  });

  it("fails when there is no file", async () => {
    await assert.rejects(access({ ...EMPTY, kubeconfig: "~/nowhere" }), {
      message: `there is no kubeconfig at ${homedir()}/nowhere`,
    });
    await assert.rejects(access(EMPTY, { KUBECONFIG: "/nowhere/config" }), {
      message: "no kubeconfig at /nowhere/config; set KUBECONFIG or the provider's kubeconfig",
    });
  });
});
