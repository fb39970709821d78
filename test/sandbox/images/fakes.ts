import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { SandboxContext } from "../../../sandbox/context.ts";
import { keyLabel } from "../../../sandbox/images/registry.ts";
import { sandboxPaths } from "../../../sandbox/paths.ts";
import type { Run } from "../../../sandbox/run.ts";

/** A registry and a docker engine in memory; what they hold is a key for each reference. */
export interface Fakes {
  readonly context: SandboxContext;
  /** Keys in the engine by reference. */
  readonly engine: Map<string, string>;
  /** Keys in the registry by "repository:tag". */
  readonly registry: Map<string, string>;
  /** Names of the layers that the registry has lost. */
  readonly lost: Set<string>;
  /**
   * What was done, in order: "build java", "push kafka", "forget kafka" on the node, "pull node",
   * "mvn".
   */
  readonly done: string[];
  /** Name of the image whose build is to fail. */
  failing: string | undefined;
  close(): void;
}

/** Starts the registry on a free port of loopback; builds lie below `cache`. */
export async function startFakes(cache: string): Promise<Fakes> {
  const registry = new Map<string, string>();
  const lost = new Set<string>();
  const server = serveRegistry(registry, lost);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  const engine = new Map<string, string>();
  const done: string[] = [];
  const fakes: Fakes = {
    engine,
    registry,
    lost,
    done,
    failing: undefined,
    close: () => server.close(),
    context: {
      paths: sandboxPaths(cache),
      progress: {
        say: () => undefined,
        step: (_what, work) => work({ detail: () => undefined }),
      },
      run: (command, args) => run(command, args),
      registry: host,
      kubectl: "kubectl",
      built: async () => "/builds/kubernetes-0123456789abcdef",
    },
  };
  const run = fakeCommands(fakes, host);
  return fakes;
}

/** Last part of a repository: "kafka" of "docker.io/apache/kafka:3.9.1". */
function shortName(reference: string): string {
  return /([a-z-]+):[^:]*$/.exec(reference)?.[1] ?? reference;
}

/** Label and reference of a build, found among its arguments. */
function built(args: readonly string[]): { readonly reference: string; readonly key: string } {
  const key = args.find((arg) => arg.startsWith(`${keyLabel}=`))?.slice(keyLabel.length + 1) ?? "";
  const reference = args[args.indexOf("--tag") + 1] ?? "";
  return { reference, key };
}

function fakeCommands(fakes: Fakes, host: string): Run {
  const { engine, registry, done } = fakes;
  const finish = (reference: string, key: string): string => {
    const name = shortName(reference);
    if (fakes.failing === name) throw new Error(`no ${name} today`);
    done.push(`build ${name}`);
    engine.set(reference, key);
    return "";
  };
  return async (command, args) => {
    const [verb = "", ...rest] = args;
    const last = args.at(-1) ?? "";
    if (command === "mvn") {
      done.push("mvn");
      return "";
    }
    if (command === "ctr") {
      done.push(`forget ${shortName(last)}`);
      return "";
    }
    if (command.endsWith("/base/build.sh")) return finish(verb, built(rest).key);
    switch (verb) {
      case "image": {
        const key = engine.get(last);
        if (key === undefined) throw new Error(`no such image: ${last}`);
        return `${key}\n`;
      }
      case "build":
        return finish(built(rest).reference, built(rest).key);
      case "tag":
        engine.set(last, engine.get(rest[0] ?? "") ?? "");
        return "";
      case "push":
        done.push(`push ${shortName(last)}`);
        registry.set(last.slice(host.length + 1), engine.get(last) ?? "");
        return "";
      case "pull":
        done.push(`pull ${shortName(last)}`);
        engine.set(last, registry.get(last.slice(host.length + 1)) ?? "");
        return "";
      default:
        throw new Error(`unexpected: ${command} ${args.join(" ")}`);
    }
  };
}

function serveRegistry(registry: Map<string, string>, lost: ReadonlySet<string>): Server {
  return createServer((request, response) => {
    const [, repository = "", kind, id = ""] =
      /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(request.url ?? "") ?? [];
    const send = (body: unknown): void => {
      response.setHeader("docker-content-digest", `sha256:of-${id}`);
      response.end(JSON.stringify(body));
    };
    const key = registry.get(`${repository}:${id}`);
    const tags = [...registry.keys()]
      .filter((name) => name.startsWith(`${repository}:`))
      .map((name) => name.slice(repository.length + 1));
    if (request.method === "DELETE" && id.startsWith("sha256:of-")) {
      registry.delete(`${repository}:${id.slice("sha256:of-".length)}`);
      response.writeHead(202).end();
    } else if (kind === "tags" && tags.length > 0) {
      send({ tags });
    } else if (kind === "manifests" && key !== undefined) {
      send({ config: { digest: `config-${key}` }, layers: [{ digest: `layer-${key}` }] });
    } else if (kind === "blobs" && id.startsWith("config-")) {
      const label = id.slice("config-".length);
      send({ config: { Labels: label === "none" ? null : { [keyLabel]: label } } });
    } else if (kind === "blobs" && !lost.has(id)) {
      send({});
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
}
