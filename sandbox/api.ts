import { readFileSync } from "node:fs";
import { request } from "node:https";
import { addresses, apiServer } from "./addresses.ts";
import { type IdentityFiles, identityFiles } from "./certificates.ts";
import type { SandboxPaths } from "./paths.ts";

/** GETs a URL with a client certificate; throws on any answer but 200. Never skips verification. */
export function getAs(files: IdentityFiles, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      ca: readFileSync(files.authority),
      cert: readFileSync(files.certificate),
      key: readFileSync(files.key),
      timeout: 5000,
      agent: false as const,
    };
    const call = request(url, options, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        body += chunk;
      });
      answer.on("error", reject);
      answer.on("end", () => {
        if (answer.statusCode === 200) resolve(body);
        else reject(new Error(`${url} answered ${answer.statusCode}: ${body.slice(0, 300)}`));
      });
    });
    call.on("timeout", () => call.destroy(new Error(`${url}: no answer within 5 s`)));
    call.on("error", reject);
    call.end();
  });
}

/** GETs a path of the API server as the administrator. */
export function getFromApi(paths: SandboxPaths, path: string): Promise<string> {
  return getAs(identityFiles(paths.certificates, "admin"), `${apiServer}${path}`);
}

/** The parts of a Node object that are read here. */
interface NodeObject {
  readonly status: {
    readonly conditions: readonly {
      readonly type: string;
      readonly status: string;
      readonly message: string;
    }[];
    readonly nodeInfo: { readonly kubeletVersion: string };
  };
}

/** Why the node is not Ready, undefined when it is; and the version that it runs. */
export function readNode(text: string): {
  readonly notReady: string | undefined;
  readonly version: string;
} {
  const { conditions, nodeInfo } = (JSON.parse(text) as NodeObject).status;
  const ready = conditions.find((condition) => condition.type === "Ready");
  const version = nodeInfo.kubeletVersion;
  if (ready?.status === "True") return { notReady: undefined, version };
  return { notReady: ready?.message ?? "it has not reported yet", version };
}

/** Asks the API server about the sandbox's node; throws when that cannot be asked. */
export async function askNode(paths: SandboxPaths): Promise<ReturnType<typeof readNode>> {
  return readNode(await getFromApi(paths, `/api/v1/nodes/${addresses.nodeName}`));
}
