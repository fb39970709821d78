import { version } from "@pulumi/random/package.json";
import { bridgedProvider } from "../bridged/provider.ts";
import { serve } from "../rpc/index.ts";
import { RANDOM_KINDS } from "./kinds.ts";

void serve({
  name: "random",
  version,
  provider: () => bridgedProvider("random", RANDOM_KINDS),
});
