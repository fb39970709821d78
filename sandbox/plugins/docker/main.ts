import { serve } from "../rpc/index.ts";
import { dockerProvider } from "./provider.ts";

void serve({
  name: "docker",
  version: "5.2.0",
  provider: (engine) => dockerProvider(engine, process.env),
});
