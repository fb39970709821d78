import { setTimeout as sleep } from "node:timers/promises";
import { getAs } from "../api.ts";
import type { IdentityFiles } from "../certificates.ts";
import { messageOf } from "../wait.ts";
import { getLines } from "./lines.ts";

/** The least that is known about an object of the API. */
interface ApiObject {
  readonly metadata: {
    readonly namespace?: string;
    readonly name: string;
    readonly resourceVersion?: string;
  };
}

/** What is followed, and how. */
export interface WatchOptions {
  /** The API server's URL, without a path. */
  readonly server: string;
  /** Who asks. */
  readonly files: IdentityFiles;
  /** Path of the collection: `/api/v1/pods`. */
  readonly path: string;
  /** Called after each change of the objects or of `problem`. */
  readonly onChange: () => void;
  readonly log: (line: string) => void;
  /** Milliseconds before another try: the first time, and at most, since each one doubles it. */
  readonly pause: { readonly first: number; readonly most: number };
}

/** The server ends a watch after this long; it is taken up again where it ended. */
const watchSeconds = 300;
/** A live connection brings a bookmark each minute. */
const silence = 150_000;

const keyOf = ({ metadata: { namespace = "", name } }: ApiObject): string => `${namespace}/${name}`;

/**
 * Follows a collection of the API: lists it, then applies one change after the other. See
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes.
 */
export class ObjectWatch<T extends ApiObject> {
  readonly #options: WatchOptions;
  readonly #stop = new AbortController();
  #objects: Map<string, T> | undefined;
  #problem: string | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#problem = `${options.path} was not read yet`;
  }

  /** The objects as they were last known; undefined before the first list. */
  get objects(): readonly T[] | undefined {
    return this.#objects && [...this.#objects.values()];
  }

  /** Why changes may be missed at this moment; undefined while they are not. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Ends the connection and all further tries. */
  stop(): void {
    this.#stop.abort();
  }

  /** Follows the collection until `stop`. */
  async follow(): Promise<void> {
    const { first, most } = this.#options.pause;
    let version: string | undefined;
    let pause = first;
    while (!this.#stop.signal.aborted) {
      try {
        version ??= await this.#list();
        version = await this.#watch(version);
        this.#changed(`${this.#options.path} is not watched for a moment`);
        pause = first;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        version = undefined;
        const problem = `${this.#options.path}: ${messageOf(error)}`;
        if (problem !== this.#problem) this.#options.log(problem);
        this.#changed(problem);
        pause = Math.min(pause * 2, most);
      }
      await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  #changed(problem: string | undefined): void {
    this.#problem = problem;
    this.#options.onChange();
  }

  async #list(): Promise<string> {
    const { files, server, path } = this.#options;
    const { metadata, items } = JSON.parse(await getAs(files, `${server}${path}`)) as {
      readonly metadata: { readonly resourceVersion: string };
      readonly items: readonly T[];
    };
    this.#objects = new Map(items.map((item) => [keyOf(item), item]));
    this.#changed(`${path} is not watched yet`);
    return metadata.resourceVersion;
  }

  /** Applies changes since `version` until the server ends the watch; gives the last version. */
  async #watch(version: string): Promise<string> {
    const { files, server, path } = this.#options;
    const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}`;
    let last = version;
    await getLines(`${server}${path}?${query}&resourceVersion=${version}`, {
      files,
      silence,
      signal: this.#stop.signal,
      onOpen: () => this.#changed(undefined),
      onLine: (line) => {
        last = this.#apply(line) ?? last;
      },
    });
    return last;
  }

  /** Applies one line of a watch; gives the version that it leads to. */
  #apply(line: string): string | undefined {
    const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: T };
    if (type === "ERROR") throw new Error(`the watch broke off: ${JSON.stringify(object)}`);
    if (type !== "BOOKMARK") {
      if (type === "DELETED") this.#objects?.delete(keyOf(object));
      else this.#objects?.set(keyOf(object), object);
      this.#changed(this.#problem);
    }
    return object.metadata.resourceVersion;
  }
}
