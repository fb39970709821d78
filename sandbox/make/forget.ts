import { apps } from "../../apps/build.ts";
import { addresses } from "../addresses.ts";

const type = "application/vnd.docker.distribution.manifest.v2+json";

/** Deletes every tag of our own apps from the sandbox's registry: Pulumi's images leave theirs. */
export async function forgetImages(registry: string = addresses.registry): Promise<void> {
  for (const app of apps) {
    const base = `http://${registry}/v2/web-greetings/${app}`;
    const listed = await fetch(`${base}/tags/list`);
    if (!listed.ok) continue;
    const { tags } = (await listed.json()) as { readonly tags: readonly string[] | null };
    for (const tag of tags ?? []) {
      const found = await fetch(`${base}/manifests/${tag}`, {
        method: "HEAD",
        headers: { accept: type },
      });
      const digest = found.headers.get("docker-content-digest");
      if (digest) await fetch(`${base}/manifests/${digest}`, { method: "DELETE" });
    }
  }
}
