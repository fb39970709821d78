import { version } from "@pulumi/docker/package.json";
import { dockerProvider } from "../../../../sandbox/plugins/docker/provider.ts";
import { bare, serve } from "../../../../sandbox/plugins/rpc/index.ts";
import { made } from "./made.ts";

/** Plans as the stand-in does, and says of images that they are pushed; builds none. */
void serve({
  name: "docker",
  version,
  provider: (engine) => {
    const planner = dockerProvider(engine, {});
    return {
      ...planner,
      async create(request, signal) {
        const planned = await planner.create({ ...request, preview: true }, signal);
        if (request.preview) return planned;
        const image = String(bare(request.inputs.imageName));
        const repoDigest = `${image.replace(/:[^:/]+$/, "")}@sha256:${"0".repeat(64)}`;
        return { id: image, state: { ...made(planned.state), repoDigest } };
      },
    };
  },
});
