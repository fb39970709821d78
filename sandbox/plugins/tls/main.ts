import { version } from "@pulumi/tls/package.json";
import { bridgedProvider } from "../bridged/provider.ts";
import { serve } from "../rpc/index.ts";
import { tlsKinds } from "./kinds.ts";

void serve({
  name: "tls",
  version,
  provider: () =>
    bridgedProvider(
      "tls",
      tlsKinds(() => new Date()),
    ),
});
