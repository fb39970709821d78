import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../../../apps/build.ts";
import { Registry } from "../../../infra/aws/registry.ts";
import { AppImages } from "../../../infra/images.ts";
import { appVersion, images } from "../../../infra/versions.ts";
import { settle } from "../../mocks.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { namesOf, recordAws } from "./recordAws.ts";

const host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
/** How the engine marks a secret. */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const args = { name: "web-greetings-prod", apps: ["api", "worker"], retain: true } as const;

describe("registry", () => {
  it("is a repository and its rules for each app, and nothing else", async () => {
    const resources = await recordAws((opts) => new Registry("registry", args, opts));
    assert.deepEqual(namesOf(resources), [
      "LifecyclePolicy registry-api",
      "LifecyclePolicy registry-worker",
      "Repository registry-api",
      "Repository registry-worker",
      "Registry registry",
    ]);
  });

  it("scans and encrypts images, and never takes a tag twice", async () => {
    const resources = await recordAws((opts) => new Registry("registry", args, opts));
    assert.deepEqual(inputsOf(resources, "Repository", "registry-api"), {
      name: "web-greetings-prod/api",
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "KMS" }],
      forceDelete: false,
    });
  });

  it("goes with its images only where nothing is retained", async () => {
    const dev = { ...args, retain: false };
    const resources = await recordAws((opts) => new Registry("registry", dev, opts));
    assert.equal(inputsOf(resources, "Repository", "registry-worker").forceDelete, true);
  });

  it("keeps 20 tagged images, and untagged ones for 7 days", async () => {
    const resources = await recordAws((opts) => new Registry("registry", args, opts));
    const { repository, policy } = inputsOf(resources, "LifecyclePolicy", "registry-api");
    assert.equal(repository, "web-greetings-prod/api");
    const rules = JSON.parse(policy).rules.map(
      ({ rulePriority, selection, action }: Record<string, unknown>) => [
        rulePriority,
        selection,
        action,
      ],
    );
    const expire = { type: "expire" };
    const untagged = {
      tagStatus: "untagged",
      countType: "sinceImagePushed",
      countUnit: "days",
      countNumber: 7,
    };
    const tagged = {
      tagStatus: "tagged",
      tagPatternList: ["*"],
      countType: "imageCountMoreThan",
      countNumber: 20,
    };
    assert.deepEqual(rules, [
      [1, untagged, expire],
      [2, tagged, expire],
    ]);
  });

  it("tells where each app is, and refuses one that it was made without", async () => {
    let url = "";
    await recordAws(async (opts) => {
      const registry = new Registry("registry", args, opts);
      url = await settle(registry.repositoryUrl("worker"));
      assert.throws(() => registry.repositoryUrl("edge-agent"), {
        message: 'no repository of app "edge-agent"; the registry has: api, worker',
      });
    });
    assert.equal(url, `${host}/web-greetings-prod/worker`);
  });
});

describe("images in the registry", () => {
  let inputs: ReturnType<typeof inputsOf>;
  let reference = "";

  before(async () => {
    const resources = await recordAws(async (opts) => {
      const store = new AppImages(new Registry("registry", args, opts));
      store.reference("api");
      reference = await settle(store.reference("api"));
    });
    inputs = inputsOf(resources, "Image", "api");
  });

  it("are tagged by version and content, base image and all", () => {
    const context = bundle("api");
    const hash = createHash("sha256").update(images.node);
    for (const file of ["Dockerfile", "main.cjs"]) {
      hash.update(`\0${file}\0`).update(readFileSync(join(context, file)));
    }
    const tag = `${appVersion}-${hash.digest("hex").slice(0, 12)}`;
    assert.equal(inputs.imageName, `${host}/web-greetings-prod/api:${tag}`);
    assert.equal(reference, `${host}/web-greetings-prod/api@sha256:${"0".repeat(64)}`);
  });

  it("are built for the nodes, whatever machine builds them", () => {
    assert.deepEqual(inputs.build, {
      context: "apps/api/dist",
      dockerfile: "apps/api/dist/Dockerfile",
      args: { BASE: images.node },
      platform: "linux/amd64",
    });
  });

  it("are pushed with a login of AWS, which stays secret", () => {
    const login = { server: "https://registry.example", username: "AWS", password: "pass" };
    assert.deepEqual(inputs.registry.value, login);
    assert.equal(inputs.registry[signature], secretSignature);
  });
});
