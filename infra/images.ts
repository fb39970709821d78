import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type App, apps, bundleAll } from "../apps/build.ts";
import { appVersion, images } from "./versions.ts";

/** Our own apps, each a folder of apps/. */
export type AppName = App;

/** Who may push to a registry. */
export interface RegistryLogin {
  /** The registry, `https://host` or `host[:port]`. */
  readonly server: pulumi.Input<string>;
  readonly username: pulumi.Input<string>;
  /** Secret. */
  readonly password: pulumi.Input<string>;
}

/** Where the images of our own apps are pushed to, and pulled from by the cluster. */
export interface ImageStore {
  /** Repository of an app, `host[:port]/path`, without a tag. */
  repositoryUrl(app: AppName): pulumi.Input<string>;
  /** True: a tag is taken once and for all, so that each content needs a tag of its own. */
  readonly immutableTags: boolean;
  /** Machines that the images are for. @default those of who builds them */
  readonly platform?: "linux/amd64";
  /** @default nobody: the registry asks for no login, or docker has one already */
  readonly login?: RegistryLogin;
}

/**
 * A registry that makes a repository for every name, such as one on this machine.
 *
 * @param registry `host[:port][/path]` that the cluster pulls from
 */
export function openRegistry(registry: string): ImageStore {
  return {
    repositoryUrl: (app) => `${registry}/web-greetings/${app}`,
    immutableTags: false,
  };
}

/** The images of our own apps in one store: each built and pushed at most once a stack. */
export class AppImages {
  readonly #store: ImageStore;
  readonly #references = new Map<AppName, pulumi.Output<string>>();
  #contexts: ReadonlyMap<AppName, string> = new Map();

  constructor(store: ImageStore) {
    this.#store = store;
  }

  /**
   * Builds the app's image from its bundle and pushes it; the same source is the same image.
   *
   * @returns `<repository>@sha256:<digest>`
   */
  reference(app: AppName): pulumi.Output<string> {
    const known = this.#references.get(app);
    if (known) return known;
    const { immutableTags, login, platform } = this.#store;
    const folder = this.#context(app);
    // Relative, so that the same source in another checkout is no change.
    const context = relative(join(__dirname, ".."), folder);
    const tag = immutableTags ? `${appVersion}-${contentHash(folder).slice(0, 12)}` : appVersion;
    const image = new docker.Image(app, {
      imageName: pulumi.interpolate`${this.#store.repositoryUrl(app)}:${tag}`,
      build: {
        context,
        dockerfile: join(context, "Dockerfile"),
        args: { BASE: images.node },
        ...(platform ? { platform } : {}),
      },
      ...(login ? { registry: { ...login } } : {}),
    });
    this.#references.set(app, image.repoDigest);
    return image.repoDigest;
  }

  /** Folder that the app's image is built of; all are bundled with the first. */
  #context(app: AppName): string {
    if (this.#contexts.size === 0) this.#contexts = bundleAll(apps);
    const context = this.#contexts.get(app);
    if (context === undefined) throw new Error(`there is no app ${app}`);
    return context;
  }
}

/** Hash of all that an image is made of, in hex: the files of its context and what it is built on. */
function contentHash(context: string): string {
  const hash = createHash("sha256").update(images.node);
  for (const name of readdirSync(context).sort()) {
    hash.update(`\0${name}\0`).update(readFileSync(join(context, name)));
  }
  return hash.digest("hex");
}
