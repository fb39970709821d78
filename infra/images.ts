import { join, relative } from "node:path";
import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { type App, bundle } from "../apps/build.ts";
import { appVersion, images } from "./versions.ts";

/** Our own apps, each a folder of apps/. */
export type AppName = App;

/** The images of our own apps in one registry: each built and pushed at most once a stack. */
export class AppImages {
  readonly #registry: string;
  readonly #references = new Map<AppName, pulumi.Output<string>>();

  /** @param registry `host[:port][/path]` that the cluster pulls from */
  constructor(registry: string) {
    this.#registry = registry;
  }

  /**
   * Builds the app's image from its bundle and pushes it; the same source is the same image.
   *
   * @returns `<registry>/web-greetings/<app>@sha256:<digest>`
   */
  reference(app: AppName): pulumi.Output<string> {
    const known = this.#references.get(app);
    if (known) return known;
    // Relative, so that the same source in another checkout is no change.
    const context = relative(join(__dirname, ".."), bundle(app));
    const image = new docker.Image(app, {
      imageName: `${this.#registry}/web-greetings/${app}:${appVersion}`,
      build: { context, dockerfile: join(context, "Dockerfile"), args: { BASE: images.node } },
    });
    this.#references.set(app, image.repoDigest);
    return image.repoDigest;
  }
}
