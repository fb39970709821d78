import { apps } from "../../apps/build.ts";
import { addresses } from "../addresses.ts";
import { deleteImage, tagsOf } from "../images/registry.ts";

/** Deletes every tag of our own apps from the sandbox's registry: Pulumi's images leave theirs. */
export async function forgetImages(registry: string = addresses.registry): Promise<void> {
  for (const app of apps) {
    const repository = `web-greetings/${app}`;
    for (const tag of await tagsOf(registry, repository)) {
      await deleteImage(registry, repository, tag);
    }
  }
}
