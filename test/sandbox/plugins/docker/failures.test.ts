import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { PropertyMap } from "../../../../sandbox/plugins/rpc/index.ts";
import { NAME, Workshop } from "./workshop.ts";

describe("the docker stand-in, where it cannot go on", () => {
  const shop = new Workshop();

  it("fails when the build fails, with the last lines that it printed", async () => {
    const lines = Array.from({ length: 30 }, (_, index) => ({ stream: `line ${index}\n` }));
    const red = { stream: "\u001b[91mbroken\u001b[0m\n" };
    shop.fake.answers = { build: [...lines, red, { error: "exit code: 1" }] };
    const shown = Array.from({ length: 19 }, (_, index) => `line ${index + 11}`);
    await assert.rejects(shop.images.create(shop.order()), {
      message: [`build of ${NAME} failed: exit code: 1`, ...shown, "broken"].join("\n"),
    });
    assert.equal(shop.fake.asked.length, 1);
  });

  it("fails when the push fails", async () => {
    shop.fake.answers = {
      ...shop.fake.answers,
      push: [{ status: "Pushing" }, { error: "denied" }],
    };
    await assert.rejects(shop.images.create(shop.order()), {
      message: `push of ${NAME} failed: denied\nPushing`,
    });
  });

  it("fails when the engine refuses", async () => {
    shop.fake.answers = {};
    await assert.rejects(shop.images.create(shop.order()), {
      message: "docker engine: no such answer (status 500)",
    });
  });

  it("fails when the engine breaks off in the middle", async () => {
    shop.fake.instead = (response) => response.destroy();
    await assert.rejects(shop.images.create(shop.order()), {
      message: "docker engine broke off: aborted",
    });
  });

  it("fails when the user interrupts it", async () => {
    shop.fake.instead = () => shop.images.interrupt();
    await assert.rejects(shop.images.create(shop.order()), { message: "interrupted" });
    assert.equal(shop.fake.asked.length, 1);
  });

  it("fails when a file of the context cannot be read any more", async () => {
    const checked = await shop.images.check(shop.order());
    rmSync(join(shop.root, "Dockerfile"));
    await assert.rejects(shop.images.create(checked), /^Error: could not open the dockerfile at /);
  });

  it("fails when no engine answers", async () => {
    await assert.rejects(shop.driver("unix:///nowhere/docker.sock").create(shop.order()), {
      message:
        "no docker engine answers on unix:///nowhere/docker.sock (ENOENT); start it, or set " +
        "DOCKER_HOST",
    });
  });

  it("fails when the engine is not on this machine", async () => {
    await assert.rejects(shop.driver("tcp://example:2375").create(shop.order()), {
      message: 'got the docker host "tcp://example:2375"; allowed by the stand-in: unix:///path',
    });
  });

  it("fails when another type is wanted", async () => {
    const container = "docker:index/container:Container";
    await assert.rejects(shop.driver(shop.fake.host, container).create({}), {
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
      await assert.rejects(shop.images.check(inputs), { message });
    });
  }
});
