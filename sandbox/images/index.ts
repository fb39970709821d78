import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { containerdSocket } from "../components.ts";
import type { SandboxContext } from "../context.ts";
import type { Step } from "../progress.ts";
import { type ExtraFiles, extraFiles } from "./extras.ts";
import { folderKey } from "./key.ts";
import { keyLabel, mirrorReference, published } from "./registry.ts";
import { type SandboxImage, sandboxImages } from "./table.ts";

/** Folder with one folder for each image. */
export const imagesFolder = __dirname;

/**
 * Makes stand-ins of public images from packages, and pushes them to the local registry under their
 * public names. What is there already, made from the same files, is left alone. Two calls at a time
 * must not share an image that others are built from. `what` is how the step is called.
 * Throws `CommandError` when a build fails, and when the registry does not answer.
 */
export async function buildImages(
  context: SandboxContext,
  what: string,
  images: readonly SandboxImage[],
): Promise<void> {
  await context.progress.step(what, async (step) => {
    const builder = new Builder(context, step);
    const wanted = images.filter(({ neededIn }) => neededIn.length > 0);
    // Every build settles before the first failure is reported: none is left running behind it.
    const outcomes = await Promise.allSettled(wanted.map((image) => builder.provide(image)));
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  });
}

/** Builds and publishes images; what several of them stand on is built once. */
class Builder {
  readonly #context: SandboxContext;
  readonly #step: Step;
  readonly #keys = new Map<string, Promise<string>>();
  readonly #builds = new Map<string, Promise<void>>();

  constructor(context: SandboxContext, step: Step) {
    this.#context = context;
    this.#step = step;
  }

  /** Sees to it that an image is wherever it is needed. */
  async provide(image: SandboxImage): Promise<void> {
    const found = await published(this.#context.registry, image.reference);
    if (found?.key !== (await this.#keyOf(image))) {
      await this.#build(image);
      await this.#push(image);
    } else if (image.neededIn.includes("engine") && !(await this.#inEngine(image))) {
      await this.#pull(image);
    }
  }

  #docker(...args: string[]): Promise<string> {
    // The classic builder comes with every docker; BuildKit's needs a plugin.
    return this.#context.run("docker", args, { env: { DOCKER_BUILDKIT: "0" } });
  }

  #keyOf(image: SandboxImage): Promise<string> {
    return once(this.#keys, image.name, async () => {
      const folder = join(imagesFolder, image.name);
      const from = image.from === undefined ? "" : await this.#keyOf(named(image.from));
      const extra = await extraFiles(this.#context, image, folder);
      return folderKey(folder, [from, extra?.key ?? "", image.reference]);
    });
  }

  /** Whether the docker engine has the image, made from the present files. */
  async #inEngine(image: SandboxImage): Promise<boolean> {
    const format = `{{index .Config.Labels "${keyLabel}"}}`;
    const found = this.#docker("image", "inspect", "--format", format, image.reference);
    // To inspect what is not there fails.
    return (await found.catch(() => "")).trim() === (await this.#keyOf(image));
  }

  #build(image: SandboxImage): Promise<void> {
    return once(this.#builds, image.name, async () => {
      if (await this.#inEngine(image)) return;
      const folder = join(imagesFolder, image.name);
      // Downloads go on while the image below is being built.
      const extra = fetched(await extraFiles(this.#context, image, folder));
      const [files] = await Promise.all([
        extra,
        image.from === undefined ? undefined : this.#build(named(image.from)),
      ]);
      this.#step.detail(`${image.name}: building`);
      const label = `${keyLabel}=${await this.#keyOf(image)}`;
      if (image.name === "base") {
        await this.#context.run(join(folder, "build.sh"), [image.reference, label]);
        return;
      }
      await inWorkFolder(this.#context, image.name, async (work) => {
        await cp(folder, work, { recursive: true, verbatimSymlinks: true });
        if (files) await cp(files.path, join(work, files.name), { recursive: true });
        const tag = ["--label", label, "--tag", image.reference];
        await this.#docker("build", "--quiet", "--network", "host", ...tag, work);
      });
    });
  }

  async #push(image: SandboxImage): Promise<void> {
    const mirror = mirrorReference(this.#context.registry, image.reference);
    this.#step.detail(`${image.name}: pushing`);
    await this.#docker("tag", image.reference, mirror);
    await this.#docker("push", "--quiet", mirror);
    // The node would start new pods from what it pulled under this name before.
    const node = ["--address", containerdSocket(this.#context.paths), "--namespace", "k8s.io"];
    await this.#context.run("ctr", [...node, "images", "rm", image.reference]);
    this.#step.detail(`${image.name}: pushed`);
  }

  async #pull(image: SandboxImage): Promise<void> {
    const mirror = mirrorReference(this.#context.registry, image.reference);
    this.#step.detail(`${image.name}: pulling`);
    await this.#docker("pull", "--quiet", mirror);
    await this.#docker("tag", mirror, image.reference);
  }
}

/** Makes the value for `name` once; all who ask for it wait for the same. */
function once<T>(made: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const present = made.get(name);
  if (present) return present;
  const promise = make();
  made.set(name, promise);
  return promise;
}

async function fetched(
  extra: ExtraFiles | undefined,
): Promise<{ readonly name: string; readonly path: string } | undefined> {
  return extra && { name: extra.name, path: await extra.fetch() };
}

async function inWorkFolder(
  context: SandboxContext,
  name: string,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  await mkdir(context.paths.builds, { recursive: true });
  const folder = await mkdtemp(join(context.paths.builds, `image-${name}.`));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function named(name: string): SandboxImage {
  const image = sandboxImages.find((candidate) => candidate.name === name);
  if (!image) throw new Error(`image "${name}" is not in the table of sandbox/images`);
  return image;
}
