import { bridgedProvider } from "../bridged/provider.ts";
import { serve } from "../rpc/index.ts";
import { tlsKinds } from "./kinds.ts";

void serve({
  name: "tls",
  version: "5.6.1",
  provider: () =>
    bridgedProvider(
      "tls",
      tlsKinds(() => new Date()),
    ),
});
