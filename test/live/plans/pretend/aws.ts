import { version } from "@pulumi/aws/package.json";
import { awsProvider } from "../../../../sandbox/plugins/aws/provider.ts";
import { type PropertyMap, reveal, serve } from "../../../../sandbox/plugins/rpc/index.ts";
import { awsOutputs } from "../../../awsMocks.ts";
import { made } from "./made.ts";

const planner = awsProvider(process.env);

/** Plans as the stand-in does, and says of what it is to create that it is there; asks nobody. */
void serve({
  name: "aws",
  version,
  provider: () => ({
    ...planner,
    async create(request, signal) {
      const planned = await planner.create({ ...request, preview: true }, signal);
      if (request.preview) return planned;
      const { type, name } = request;
      const outputs = awsOutputs({ type, name, inputs: Object(reveal(request.inputs)) });
      return { id: `${name}-id`, state: { ...made(planned.state), ...(outputs as PropertyMap) } };
    },
  }),
});
