import { version } from "@pulumi/kubernetes/package.json";
import { serve } from "../rpc/index.ts";
import { KubernetesProvider } from "./provider.ts";

serve({
  name: "kubernetes",
  version,
  provider: (engine) => new KubernetesProvider(engine),
});
