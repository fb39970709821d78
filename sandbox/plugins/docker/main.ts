import { version } from "@pulumi/docker/package.json";
import { serve } from "../rpc/index.ts";
import { dockerProvider } from "./provider.ts";

void serve({
  name: "docker",
  version,
  provider: (engine) => dockerProvider(engine, process.env),
});
