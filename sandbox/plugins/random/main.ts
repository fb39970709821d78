import { bridgedProvider } from "../bridged/provider.ts";
import { serve } from "../rpc/index.ts";
import { RANDOM_KINDS } from "./kinds.ts";

void serve({
  name: "random",
  version: "4.21.2",
  provider: () => bridgedProvider("random", RANDOM_KINDS),
});
