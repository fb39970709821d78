import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bare, type PropertyMap, Secret, UNKNOWN } from "../../../../sandbox/plugins/rpc/index.ts";
import { readSdk } from "../bridged/sdk.ts";
import { DIGEST, IMAGE, NAME, Workshop } from "./workshop.ts";

describe("the docker stand-in", () => {
  const shop = new Workshop();

  it("has the outputs of the SDK", async () => {
    const { state } = await shop.images.create(shop.order());
    assert.deepEqual(Object.keys(state).sort(), readSdk(IMAGE).outputs);
  });

  it("takes every input of the SDK", async () => {
    const all = shop.order({
      buildOnPreview: false,
      registry: { server: "localhost:5000", username: "u", password: "p" },
      skipPush: false,
    });
    await shop.images.check(all);
    assert.deepEqual(Object.keys(all).sort(), readSdk(IMAGE).inputs);
  });

  it("builds, pushes, and gives the digest of what it pushed", async () => {
    const { id, state } = await shop.images.create(shop.order());
    assert.equal(id, NAME);
    assert.deepEqual(state, {
      baseImageName: NAME,
      context: shop.root,
      dockerfile: "Dockerfile",
      imageName: NAME,
      platform: `linux/${process.arch === "x64" ? "amd64" : process.arch}`,
      registryServer: "",
      repoDigest: `localhost:5000/app/api@${DIGEST}`,
    });
    const [build, push] = shop.fake.asked;
    assert.equal(build?.path, "/build");
    assert.deepEqual(build?.archive, ["Dockerfile", "a.txt"]);
    assert.equal(push?.path, "/images/localhost:5000/app/api/push");
    assert.equal(push?.query.get("tag"), "1");
    assert.equal(shop.fake.asked.length, 2);
  });

  it("tells how far it is", async () => {
    await shop.images.create(shop.order());
    assert.deepEqual(shop.said, [
      "building the image",
      "Step 1/1 : FROM scratch",
      "pushing the image",
      "layer: Pushing",
    ]);
  });

  it("hands every build setting on", async () => {
    await shop.images.create(
      shop.order(
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
    const query = shop.fake.asked[0]?.query;
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
    await shop.images.create(shop.order({}, { builderVersion: "BuilderV1" }));
    assert.equal(shop.fake.asked[0]?.query.get("version"), "1");
  });

  it("keeps an image that is not pushed, and gives its ID", async () => {
    const { state } = await shop.images.create(shop.order({ skipPush: true, imageName: "api" }));
    assert.equal(state.repoDigest, "sha256:1");
    assert.deepEqual(
      shop.fake.asked.map(({ path }) => path),
      ["/build", "/images/api/json"],
    );
  });

  it("logs in by headers alone, and never shows the password", async () => {
    const password = randomBytes(12).toString("hex");
    const registry = { server: "localhost:5000", username: "me", password };
    const checked = await shop.images.check(shop.order({ registry }));
    assert.ok((checked.registry as PropertyMap).password instanceof Secret);
    const { state } = await shop.images.create(shop.order({ registry }));
    assert.equal(state.registryServer, "localhost:5000");
    const [build, push] = shop.fake.asked;
    const login = { username: "me", password, serveraddress: "localhost:5000" };
    const read = (value: unknown): unknown =>
      JSON.parse(Buffer.from(String(value), "base64url").toString());
    assert.deepEqual(read(build?.headers["x-registry-config"]), { "localhost:5000": login });
    assert.deepEqual(read(push?.headers["x-registry-auth"]), login);
    assert.doesNotMatch(
      JSON.stringify([state, shop.said, build?.query, push?.query]),
      RegExp(password),
    );
  });

  it("warns when half of a login is missing", async () => {
    await shop.images.check(shop.order({ registry: { username: "me" } }));
    assert.match(shop.said.join(), /^warning: registry has a username or a password, not both/);
  });

  it("builds and pushes nothing in a preview, and knows no digest", async () => {
    const { state } = await shop.images.create(shop.order(), true);
    assert.equal(state.repoDigest, UNKNOWN);
    assert.equal(state.imageName, NAME);
    assert.deepEqual(Object.keys(state).sort(), readSdk(IMAGE).outputs);
    assert.equal((await shop.images.update({}, shop.order(), true)).repoDigest, UNKNOWN);
    assert.equal(shop.fake.asked.length, 0);
  });

  it("builds in a preview where asked, but does not push", async () => {
    const { state } = await shop.images.create(shop.order({ buildOnPreview: true }), true);
    assert.equal(state.repoDigest, UNKNOWN);
    assert.deepEqual(
      shop.fake.asked.map(({ path }) => path),
      ["/build", `/images/${NAME}/json`],
    );
  });

  it("plans with inputs that are not known yet", async () => {
    const unknown: PropertyMap = { imageName: UNKNOWN, build: { context: UNKNOWN } };
    assert.equal((await shop.images.create(unknown, true)).state.imageName, UNKNOWN);
    const whole: PropertyMap = { imageName: NAME, build: UNKNOWN };
    assert.equal((await shop.images.create(whole, true)).state.repoDigest, UNKNOWN);
  });

  it("sees no difference where nothing changed, whoever logs in", async () => {
    const registry = { server: "localhost:5000", username: "a", password: "b" };
    const old = await shop.images.check(shop.order({ registry }));
    const other = { server: "localhost:5000", username: "c", password: "d" };
    const diff = await shop.images.diff(old, {}, shop.order({ registry: other }));
    assert.deepEqual(diff, {
      changed: false,
      replaces: [],
      deleteBeforeReplace: false,
      detailed: {},
    });
  });

  it("sees a changed file, setting, name and registry as updates", async () => {
    const registry = { server: "localhost:5000" };
    const old = await shop.images.check(shop.order({ registry }, { args: { A: "1" } }));
    const change = async (inputs: PropertyMap): Promise<unknown> => {
      const diff = await shop.images.diff(old, {}, inputs);
      assert.deepEqual(diff.replaces, []);
      return diff.detailed;
    };
    assert.deepEqual(await change(shop.order({ registry }, { args: { A: "2" } })), {
      build: "update",
    });
    const renamed = shop.order({ registry, imageName: `${NAME}0` }, { args: { A: "1" } });
    assert.deepEqual(await change(renamed), { imageName: "update" });
    const moved = shop.order({ registry: { server: "localhost:5001" } }, { args: { A: "1" } });
    assert.deepEqual(await change(moved), { registry: "update" });
    assert.deepEqual(await change(shop.order({}, { args: { A: "1" } })), { registry: "delete" });
    writeFileSync(join(shop.root, "a.txt"), "b");
    assert.deepEqual(await change(shop.order({ registry }, { args: { A: "1" } })), {
      build: "update",
    });
  });

  it("builds and pushes again in an update", async () => {
    const state = await shop.images.update({}, shop.order());
    assert.equal(state.repoDigest, `localhost:5000/app/api@${DIGEST}`);
    assert.deepEqual(
      shop.fake.asked.map(({ path }) => path.split("/").at(-1)),
      ["build", "push"],
    );
  });

  it("leaves the image where it is when it is deleted or read", async () => {
    await shop.images.delete(NAME);
    const state = { repoDigest: "kept" };
    assert.deepEqual((await shop.images.read(NAME, state)).state, state);
    assert.equal(shop.fake.asked.length, 0);
  });

  it("keeps build settings secret that the program marked, and uses them", async () => {
    const build = new Secret({ context: shop.root, args: { A: "1" } });
    const checked = await shop.images.check({ imageName: NAME, build });
    assert.ok(checked.build instanceof Secret);
    await shop.images.create({ imageName: NAME, build });
    assert.deepEqual(JSON.parse(shop.fake.asked[0]?.query.get("buildargs") ?? ""), { A: "1" });
    assert.equal((await shop.images.diff(checked, {}, { imageName: NAME, build })).changed, false);
  });

  it("hides a secret name as well as an open one", async () => {
    const checked = await shop.images.check(shop.order({ imageName: new Secret(NAME) }));
    assert.ok(checked.imageName instanceof Secret);
    assert.equal(bare(checked.imageName), NAME);
  });
});
