import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerProvider } from "../../../../sandbox/plugins/docker/provider.ts";
import { bare, type PropertyMap, Secret, UNKNOWN } from "../../../../sandbox/plugins/rpc/index.ts";
import { Driver } from "../bridged/drive.ts";
import { readSdk } from "../bridged/sdk.ts";
import { FakeEngine } from "./fakeEngine.ts";

const IMAGE = "docker:index/image:Image";
const NAME = "localhost:5000/app/api:1";
const DIGEST = `sha256:${"0".repeat(64)}`;

describe("the docker stand-in", () => {
  const fake = new FakeEngine();
  let root: string;
  let said: string[];
  let images: Driver;
  before(() => fake.open());
  after(() => fake.close());
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "image-"));
    writeFileSync(join(root, "Dockerfile"), "FROM scratch\n");
    writeFileSync(join(root, "a.txt"), "a");
    said = [];
    fake.asked.length = 0;
    fake.instead = undefined;
    fake.answers = {
      build: [{ stream: "Step 1/1 : FROM scratch\n" }, { aux: { ID: "sha256:1" } }],
      push: [{ status: "Pushing", id: "layer" }, { aux: { Tag: "1", Digest: DIGEST, Size: 3 } }],
      json: [{ Id: "sha256:1" }],
    };
    images = driver(fake.host);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const driver = (host: string, type = IMAGE): Driver => {
    const engine = {
      log: (severity: string, message: string) => said.push(`${severity}: ${message}`),
      status: (message: string) => said.push(message),
    };
    return new Driver(dockerProvider(engine, { DOCKER_HOST: host }), type);
  };
  const order = (more: PropertyMap = {}, build: PropertyMap = {}): PropertyMap => ({
    imageName: NAME,
    build: { context: root, ...build },
    ...more,
  });

  it("has the outputs of the SDK", async () => {
    const { state } = await images.create(order());
    assert.deepEqual(Object.keys(state).sort(), readSdk(IMAGE).outputs);
  });

  it("takes every input of the SDK", async () => {
    const all = order({
      buildOnPreview: false,
      registry: { server: "localhost:5000", username: "u", password: "p" },
      skipPush: false,
    });
    await images.check(all);
    assert.deepEqual(Object.keys(all).sort(), readSdk(IMAGE).inputs);
  });

  it("builds, pushes, and gives the digest of what it pushed", async () => {
    const { id, state } = await images.create(order());
    assert.equal(id, NAME);
    assert.deepEqual(state, {
      baseImageName: NAME,
      context: root,
      dockerfile: "Dockerfile",
      imageName: NAME,
      platform: `linux/${process.arch === "x64" ? "amd64" : process.arch}`,
      registryServer: "",
      repoDigest: `localhost:5000/app/api@${DIGEST}`,
    });
    const [build, push] = fake.asked;
    assert.equal(build?.path, "/build");
    assert.deepEqual(build?.archive, ["Dockerfile", "a.txt"]);
    assert.equal(push?.path, "/images/localhost:5000/app/api/push");
    assert.equal(push?.query.get("tag"), "1");
    assert.equal(fake.asked.length, 2);
  });

  it("tells how far it is", async () => {
    await images.create(order());
    assert.deepEqual(said, [
      "building the image",
      "Step 1/1 : FROM scratch",
      "pushing the image",
      "layer: Pushing",
    ]);
  });

  it("hands every build setting on", async () => {
    await images.create(
      order(
        {},
        {
          addHosts: ["a:1.2.3.4", "b:5.6.7.8"],
          args: { A: "1", B: new Secret("2") },
          cacheFrom: { images: ["localhost:5000/cache:1"] },
          network: "host",
          platform: "linux/arm64",
          target: "final",
        },
      ),
    );
    const query = fake.asked[0]?.query;
    assert.deepEqual(query?.getAll("extrahosts"), ["a:1.2.3.4", "b:5.6.7.8"]);
    assert.deepEqual(JSON.parse(query?.get("buildargs") ?? ""), { A: "1", B: "2" });
    assert.deepEqual(JSON.parse(query?.get("cachefrom") ?? ""), ["localhost:5000/cache:1"]);
    assert.equal(query?.get("networkmode"), "host");
    assert.equal(query?.get("platform"), "linux/arm64");
    assert.equal(query?.get("target"), "final");
    assert.equal(query?.get("t"), NAME);
    assert.equal(query?.get("version"), "2");
  });

  it("takes the first builder only where asked", async () => {
    await images.create(order({}, { builderVersion: "BuilderV1" }));
    assert.equal(fake.asked[0]?.query.get("version"), "1");
  });

  it("keeps an image that is not pushed, and gives its ID", async () => {
    const { state } = await images.create(order({ skipPush: true, imageName: "api" }));
    assert.equal(state.repoDigest, "sha256:1");
    assert.deepEqual(
      fake.asked.map(({ path }) => path),
      ["/build", "/images/api/json"],
    );
  });

  it("logs in by headers alone, and never shows the password", async () => {
    const password = randomBytes(12).toString("hex");
    const registry = { server: "localhost:5000", username: "me", password };
    const checked = await images.check(order({ registry }));
    assert.ok((checked.registry as PropertyMap).password instanceof Secret);
    const { state } = await images.create(order({ registry }));
    assert.equal(state.registryServer, "localhost:5000");
    const [build, push] = fake.asked;
    const login = { username: "me", password, serveraddress: "localhost:5000" };
    const read = (value: unknown): unknown =>
      JSON.parse(Buffer.from(String(value), "base64url").toString());
    assert.deepEqual(read(build?.headers["x-registry-config"]), { "localhost:5000": login });
    assert.deepEqual(read(push?.headers["x-registry-auth"]), login);
    assert.doesNotMatch(JSON.stringify([state, said, build?.query, push?.query]), RegExp(password));
  });

  it("warns when half of a login is missing", async () => {
    await images.check(order({ registry: { username: "me" } }));
    assert.match(said.join(), /^warning: registry has a username or a password, not both/);
  });

  it("builds and pushes nothing in a preview, and knows no digest", async () => {
    const { state } = await images.create(order(), true);
    assert.equal(state.repoDigest, UNKNOWN);
    assert.equal(state.imageName, NAME);
    assert.deepEqual(Object.keys(state).sort(), readSdk(IMAGE).outputs);
    assert.equal((await images.update({}, order(), true)).repoDigest, UNKNOWN);
    assert.equal(fake.asked.length, 0);
  });

  it("builds in a preview where asked, but does not push", async () => {
    const { state } = await images.create(order({ buildOnPreview: true }), true);
    assert.equal(state.repoDigest, UNKNOWN);
    assert.deepEqual(
      fake.asked.map(({ path }) => path),
      ["/build", `/images/${NAME}/json`],
    );
  });

  it("plans with inputs that are not known yet", async () => {
    const unknown: PropertyMap = { imageName: UNKNOWN, build: { context: UNKNOWN } };
    assert.equal((await images.create(unknown, true)).state.imageName, UNKNOWN);
    const whole: PropertyMap = { imageName: NAME, build: UNKNOWN };
    assert.equal((await images.create(whole, true)).state.repoDigest, UNKNOWN);
  });

  it("sees no difference where nothing changed, whoever logs in", async () => {
    const registry = { server: "localhost:5000", username: "a", password: "b" };
    const old = await images.check(order({ registry }));
    const other = { server: "localhost:5000", username: "c", password: "d" };
    const diff = await images.diff(old, {}, order({ registry: other }));
    assert.deepEqual(diff, {
      changed: false,
      replaces: [],
      deleteBeforeReplace: false,
      detailed: {},
    });
  });

  it("sees a changed file, setting, name and registry as updates", async () => {
    const registry = { server: "localhost:5000" };
    const old = await images.check(order({ registry }, { args: { A: "1" } }));
    const change = async (inputs: PropertyMap): Promise<unknown> => {
      const diff = await images.diff(old, {}, inputs);
      assert.deepEqual(diff.replaces, []);
      return diff.detailed;
    };
    assert.deepEqual(await change(order({ registry }, { args: { A: "2" } })), { build: "update" });
    const renamed = order({ registry, imageName: `${NAME}0` }, { args: { A: "1" } });
    assert.deepEqual(await change(renamed), { imageName: "update" });
    const moved = order({ registry: { server: "localhost:5001" } }, { args: { A: "1" } });
    assert.deepEqual(await change(moved), { registry: "update" });
    assert.deepEqual(await change(order({}, { args: { A: "1" } })), { registry: "delete" });
    writeFileSync(join(root, "a.txt"), "b");
    assert.deepEqual(await change(order({ registry }, { args: { A: "1" } })), { build: "update" });
  });

  it("builds and pushes again in an update", async () => {
    const state = await images.update({}, order());
    assert.equal(state.repoDigest, `localhost:5000/app/api@${DIGEST}`);
    assert.deepEqual(
      fake.asked.map(({ path }) => path.split("/").at(-1)),
      ["build", "push"],
    );
  });

  it("leaves the image where it is when it is deleted or read", async () => {
    await images.delete(NAME);
    const state = { repoDigest: "kept" };
    assert.deepEqual((await images.read(NAME, state)).state, state);
    assert.equal(fake.asked.length, 0);
  });

  it("fails when the build fails, with the last lines that it printed", async () => {
    const lines = Array.from({ length: 30 }, (_, index) => ({ stream: `line ${index}\n` }));
    const red = { stream: "\u001b[91mbroken\u001b[0m\n" };
    fake.answers = { build: [...lines, red, { error: "exit code: 1" }] };
    const shown = Array.from({ length: 19 }, (_, index) => `line ${index + 11}`);
    await assert.rejects(images.create(order()), {
      message: [`build of ${NAME} failed: exit code: 1`, ...shown, "broken"].join("\n"),
    });
    assert.equal(fake.asked.length, 1);
  });

  it("fails when the push fails", async () => {
    fake.answers = { ...fake.answers, push: [{ status: "Pushing" }, { error: "denied" }] };
    await assert.rejects(images.create(order()), {
      message: `push of ${NAME} failed: denied\nPushing`,
    });
  });

  it("fails when the engine refuses", async () => {
    fake.answers = {};
    await assert.rejects(images.create(order()), {
      message: "docker engine: no such answer (status 500)",
    });
  });

  it("fails when the engine breaks off in the middle", async () => {
    fake.instead = (response) => response.destroy();
    await assert.rejects(images.create(order()), { message: "docker engine broke off: aborted" });
  });

  it("fails when the user interrupts it", async () => {
    fake.instead = () => images.interrupt();
    await assert.rejects(images.create(order()), { message: "interrupted" });
    assert.equal(fake.asked.length, 1);
  });

  it("fails when a file of the context cannot be read any more", async () => {
    const checked = await images.check(order());
    rmSync(join(root, "Dockerfile"));
    await assert.rejects(images.create(checked), /^Error: could not open the dockerfile at /);
  });

  it("fails when no engine answers", async () => {
    await assert.rejects(driver("unix:///nowhere/docker.sock").create(order()), {
      message:
        "no docker engine answers on unix:///nowhere/docker.sock (ENOENT); start it, or set " +
        "DOCKER_HOST",
    });
  });

  it("fails when the engine is not on this machine", async () => {
    await assert.rejects(driver("tcp://example:2375").create(order()), {
      message: 'got the docker host "tcp://example:2375"; allowed by the stand-in: unix:///path',
    });
  });

  it("fails when another type is wanted", async () => {
    const container = "docker:index/container:Container";
    await assert.rejects(driver(fake.host, container).create({}), {
      message:
        `the docker stand-in does not know the type ${container}; allowed: Image; others need ` +
        "the real docker plugin",
    });
  });

  const refused: readonly (readonly [string, PropertyMap, RegExp])[] = [
    ["no name is given", { build: {} }, /^imageName: missing; it is required$/],
    [
      "a pushed name has no registry",
      { imageName: "api" },
      /^imageName: got "api"; allowed: a name/,
    ],
    ["an input is unknown", { imageName: NAME, tag: "1" }, /^tag: no such input; allowed: build, /],
    ["a setting is unknown", { imageName: NAME, build: { env: {} } }, /^build.env: no such input/],
    [
      "the builder is unknown",
      { imageName: NAME, build: { builderVersion: "3" } },
      /^build.builderVersion: got "3"; allowed: BuilderV1, BuilderBuildKit$/,
    ],
  ];
  for (const [what, inputs, message] of refused) {
    it(`fails when ${what}`, async () => {
      await assert.rejects(images.check(inputs), { message });
    });
  }

  it("hides a secret name as well as an open one", async () => {
    const checked = await images.check(order({ imageName: new Secret(NAME) }));
    assert.ok(checked.imageName instanceof Secret);
    assert.equal(bare(checked.imageName), NAME);
  });
});
