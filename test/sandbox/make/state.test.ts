import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileBackend, ownBackend } from "../../../sandbox/make/state.ts";

describe("state", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "state-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("without an account is a file backend with a passphrase that only its owner reads", () => {
    const variables = fileBackend(folder);
    assert.deepEqual(variables, {
      PULUMI_BACKEND_URL: `file://${folder}/state`,
      PULUMI_CONFIG_PASSPHRASE_FILE: `${folder}/passphrase`,
    });
    assert.equal(statSync(join(folder, "passphrase")).mode & 0o777, 0o600);
    assert.match(readFileSync(join(folder, "passphrase"), "utf8"), /^[\w-]{43}$/);
  });

  it("keeps its passphrase from one use to the next", () => {
    fileBackend(folder);
    const first = readFileSync(join(folder, "passphrase"), "utf8");
    fileBackend(folder);
    assert.equal(readFileSync(join(folder, "passphrase"), "utf8"), first);
  });

  it("is the person's own with PULUMI_BACKEND_URL", () => {
    const environment = { PULUMI_HOME: folder, PULUMI_BACKEND_URL: "s3://bucket" };
    assert.deepEqual(ownBackend(environment), {});
  });

  it("is the person's own after a login, with the login's credentials", () => {
    const credentials = { current: "https://pulumi.example", accounts: {} };
    writeFileSync(join(folder, "credentials.json"), JSON.stringify(credentials));
    assert.deepEqual(ownBackend({ PULUMI_HOME: folder }), {
      PULUMI_BACKEND_URL: "https://pulumi.example",
      PULUMI_CREDENTIALS_PATH: folder,
    });
  });

  it("is nobody's before a login and after a logout", () => {
    assert.equal(ownBackend({ PULUMI_HOME: folder }), undefined);
    writeFileSync(join(folder, "credentials.json"), JSON.stringify({ current: "" }));
    assert.equal(ownBackend({ PULUMI_HOME: folder }), undefined);
  });
});
