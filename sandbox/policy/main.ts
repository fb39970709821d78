import { apiServer } from "../addresses.ts";
import { identityFiles } from "../certificates.ts";
import { sandboxPaths } from "../paths.ts";
import { createRun } from "../run.ts";
import { Bindings } from "./bindings.ts";
import { Keeper } from "./keeper.ts";
import { listen } from "./listen.ts";
import type { Namespace, NetworkPolicy, Pod } from "./objects.ts";
import { policyPlaces } from "./places.ts";
import { policyTable } from "./render.ts";
import { ObjectWatch } from "./watch.ts";

/** Name of the certificate that the process shows to the API server. */
const identity = "network-policy";

function log(line: string): void {
  console.error(`${new Date().toISOString()} ${line}`);
}

/** Keeps the rules of the sandbox whose cache folder is the argument, until it is ended. */
async function main([cache]: readonly string[]): Promise<void> {
  const paths = sandboxPaths(cache);
  const { bindings, socket } = policyPlaces(paths);
  const files = identityFiles(paths.certificates, identity);
  const run = createRun();
  const follow = <T extends Pod | Namespace | NetworkPolicy>(path: string) =>
    new ObjectWatch<T>({
      server: apiServer,
      files,
      path,
      onChange: () => keeper.changed(),
      log,
      pause: { first: 50, most: 2000 },
    });
  const pods = follow<Pod>("/api/v1/pods");
  const namespaces = follow<Namespace>("/api/v1/namespaces");
  const policies = follow<NetworkPolicy>("/apis/networking.k8s.io/v1/networkpolicies");
  const keeper: Keeper = new Keeper({
    pods,
    namespaces,
    policies,
    bindings: new Bindings(bindings),
    load: async (text) => {
      await run("nft", ["-f", "-"], { input: text });
    },
    verify: async () => {
      await run("nft", ["--terse", "list", "table", ...policyTable.split(" ")]);
    },
    log,
    gather: 20,
    retry: 1000,
  });
  const followers = [pods, namespaces, policies].map((watch) => watch.follow());
  await listen(socket, (request) => keeper.handle(request));
  await Promise.all(followers);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  log(String(error));
  process.exitCode = 1;
});
