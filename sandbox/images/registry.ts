/** Label with the hash of everything that an image was made from. */
export const keyLabel = "web-greetings.key";

const MANIFEST_TYPES = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
].join(", ");

/** An image reference taken apart. */
export interface ReferenceParts {
  /** Repository without the host: "library/zookeeper". */
  readonly repository: string;
  readonly tag: string;
}

/**
 * Takes "<host>/<repository>:<tag>" apart.
 * Throws when the host or the tag is missing: nothing is guessed.
 */
export function parseReference(reference: string): ReferenceParts {
  const match = /^[a-z0-9-]+[.:][a-z0-9.:-]*\/([a-z0-9._/-]+):([A-Za-z0-9_.-]+)$/.exec(reference);
  const [, repository, tag] = match ?? [];
  if (repository === undefined || tag === undefined) {
    throw new Error(
      `image reference: got "${reference}", allowed is <host>/<repository>:<tag>; write it in full`,
    );
  }
  return { repository, tag };
}

/** The same image in the local registry: "localhost:5000/library/zookeeper:3.9.4". */
export function mirrorReference(registry: string, reference: string): string {
  const { repository, tag } = parseReference(reference);
  return `${registry}/${repository}:${tag}`;
}

/** What the registry serves under a reference. */
export interface Published {
  /** "sha256:..." of the manifest. */
  readonly digest: string;
  /** Value of the key label; undefined on an image that the sandbox did not make. */
  readonly key: string | undefined;
}

/** A request of the registry's protocol about `repository`; ten seconds at most. */
function ask(
  registry: string,
  repository: string,
  path: string,
  method: "GET" | "HEAD" | "DELETE" = "GET",
): Promise<Response> {
  return fetch(`http://${registry}/v2/${repository}/${path}`, {
    method,
    headers: { accept: MANIFEST_TYPES },
    signal: AbortSignal.timeout(10_000),
  });
}

function digestIn(answer: Response): string | undefined {
  const digest = answer.headers.get("docker-content-digest");
  return answer.ok && digest !== null ? digest : undefined;
}

/** The tags in a repository ("web-greetings/api"). Throws when the registry does not answer. */
export async function tagsOf(registry: string, repository: string): Promise<readonly string[]> {
  const answer = await ask(registry, repository, "tags/list");
  if (!answer.ok) return [];
  const { tags } = (await answer.json()) as { readonly tags: readonly string[] | null };
  return tags ?? [];
}

/**
 * Deletes the image that a tag stands for, and with it all of the image's tags. Does nothing where
 * it is gone already. Throws when the registry does not answer.
 */
export async function deleteImage(
  registry: string,
  repository: string,
  tag: string,
): Promise<void> {
  const digest = digestIn(await ask(registry, repository, `manifests/${tag}`, "HEAD"));
  if (digest !== undefined) await ask(registry, repository, `manifests/${digest}`, "DELETE");
}

/**
 * Asks the registry what it has under a reference; undefined when it has nothing, or not all of it.
 * Throws when the registry does not answer within ten seconds.
 */
export async function published(
  registry: string,
  reference: string,
): Promise<Published | undefined> {
  const { repository, tag } = parseReference(reference);
  const answer = await ask(registry, repository, `manifests/${tag}`);
  const digest = digestIn(answer);
  if (digest === undefined) return undefined;
  const manifest = (await answer.json()) as Manifest;
  const config = await ask(registry, repository, `blobs/${manifest.config.digest}`);
  if (!config.ok) return undefined;
  const { config: settings } = (await config.json()) as ImageConfig;
  // A registry that lost some of its files still serves the manifest.
  for (const layer of manifest.layers) {
    const found = await ask(registry, repository, `blobs/${layer.digest}`, "HEAD");
    if (!found.ok) return undefined;
  }
  return { digest, key: settings.Labels?.[keyLabel] };
}

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

interface ImageConfig {
  readonly config: { readonly Labels?: Readonly<Record<string, string>> | null };
}
