import { appVersion, images } from "../../../infra/versions.ts";
import type { Stack } from "../../live/stack/fixture.ts";
import type { Measured } from "../measure.ts";

const mega = 1e6;

/** What the API's image adds to the image that it is built on. The stack must be up. */
export async function size(stack: Stack): Promise<Measured[]> {
  const base = images.node.replace("docker.io/library/", "");
  const bytes = async (image: string) =>
    Number(await stack.ask("docker", "image", "inspect", "--format", "{{.Size}}", image));
  const ours = [
    ((await bytes(`localhost:5000/web-greetings/api:${appVersion}`)) - (await bytes(base))) / mega,
  ];
  const met = ours.every((value) => value <= 5);
  return [{ what: "the API's image over its base", ours, unit: "MB", goal: "at most 5 MB", met }];
}
