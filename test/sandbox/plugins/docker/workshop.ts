import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerProvider } from "../../../../sandbox/plugins/docker/provider.ts";
import type { PropertyMap } from "../../../../sandbox/plugins/rpc/index.ts";
import { Driver } from "../bridged/drive.ts";
import { FakeEngine } from "./fakeEngine.ts";

/** Type token of the only resource that the stand-in knows. */
export const IMAGE = "docker:index/image:Image";

/** Name of the image that the tests order. */
export const NAME = "localhost:5000/app/api:1";

/** Digest that the played registry gives. */
export const DIGEST = `sha256:${"0".repeat(64)}`;

/** A source folder, an engine that is played, and the stand-in between them; new for each test. */
export class Workshop {
  readonly fake = new FakeEngine();
  /** What the user was told. */
  said: string[] = [];
  /** The source folder: a Dockerfile and `a.txt`. */
  root = "";
  images: Driver;

  /** Must be called within `describe`: it sets up and tidies up by mocha's hooks. */
  constructor() {
    this.images = this.driver(this.fake.host);
    before(() => this.fake.open());
    after(() => this.fake.close());
    beforeEach(() => this.#open());
    afterEach(() => rmSync(this.root, { recursive: true }));
  }

  /** The stand-in for an engine at `host`. */
  driver(host: string, type = IMAGE): Driver {
    const engine = {
      log: (severity: string, message: string) => this.said.push(`${severity}: ${message}`),
      status: (message: string) => this.said.push(message),
    };
    return new Driver(dockerProvider(engine, { DOCKER_HOST: host }), type);
  }

  /** Inputs for an image of the source folder. */
  order(more: PropertyMap = {}, build: PropertyMap = {}): PropertyMap {
    return { imageName: NAME, build: { context: this.root, ...build }, ...more };
  }

  #open(): void {
    this.root = mkdtempSync(join(tmpdir(), "image-"));
    writeFileSync(join(this.root, "Dockerfile"), "FROM scratch\n");
    writeFileSync(join(this.root, "a.txt"), "a");
    this.said = [];
    this.fake.asked.length = 0;
    this.fake.instead = undefined;
    this.fake.answers = {
      build: [{ stream: "Step 1/1 : FROM scratch\n" }, { aux: { ID: "sha256:1" } }],
      push: [{ status: "Pushing", id: "layer" }, { aux: { Tag: "1", Digest: DIGEST, Size: 3 } }],
      json: [{ Id: "sha256:1" }],
    };
    this.images = this.driver(this.fake.host);
  }
}
