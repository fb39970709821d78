import { version } from "@pulumi/aws/package.json";
import { awsProvider } from "../../../../sandbox/plugins/aws/provider.ts";
import { type PropertyMap, reveal, serve } from "../../../../sandbox/plugins/rpc/index.ts";
import { awsOutputs, bridged, lackingZone, NO_CREDENTIALS, NO_ZONE } from "../../../awsMocks.ts";
import { made } from "./made.ts";

const planner = awsProvider(process.env);

/**
 * Plans as the stand-in does, and says of what it is to create that it is there; asks nobody. Refuses
 * in the real one's words the profile `nobody`, which has no credentials, and a zone that is not there.
 */
void serve({
  name: "aws",
  version,
  provider: () => ({
    ...planner,
    async checkConfig(request) {
      const checked = { inputs: request.inputs, failures: [] };
      if (process.env.AWS_PROFILE !== "nobody") return checked;
      return { ...checked, failures: [{ property: "", reason: NO_CREDENTIALS }] };
    },
    async invoke(request, signal) {
      const { token, args } = request;
      if (args.name === lackingZone) throw new Error(bridged(token, NO_ZONE));
      return (await planner.invoke?.(request, signal)) ?? {};
    },
    async create(request, signal) {
      const planned = await planner.create({ ...request, preview: true }, signal);
      if (request.preview) return planned;
      const { type, name } = request;
      const outputs = awsOutputs({ type, name, inputs: Object(reveal(request.inputs)) });
      return { id: `${name}-id`, state: { ...made(planned.state), ...(outputs as PropertyMap) } };
    },
  }),
});
