import { readFileSync } from "node:fs";
import { request } from "node:https";
import { describeError } from "../../shared/kafka.ts";

const ZONE_LABEL = "topology.kubernetes.io/zone";
const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const REQUEST_MS = 5000;
const RETRY_MS = 1000;

/** Where the Kubernetes API is, and who asks. `token` and `ca` as in the service account's files. */
export interface ApiAccess {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly ca: Buffer;
}

/** Access by the service account in `folder`, the pod's own. Throws when there is none. */
export function accountAccess(host: string, port: number, folder = ACCOUNT): ApiAccess {
  const token = readFileSync(`${folder}/token`, "utf8").trim();
  return { host, port, token, ca: readFileSync(`${folder}/ca.crt`) };
}

function get(access: ApiAccess, path: string): Promise<string> {
  const { host, port, ca, token } = access;
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, path, ca, headers, timeout: REQUEST_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const body = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) {
          resolve(body);
        } else {
          reject(new Error(`GET ${path} was answered ${response.statusCode}, expected 200`));
        }
      });
    });
    asked.on("timeout", () => asked.destroy(new Error(`GET ${path} took over ${REQUEST_MS} ms`)));
    asked.on("error", reject).end();
  });
}

/**
 * Zone of a node by its label, or undefined where it has none. Rejects when the API does not answer
 * with 200 in five seconds.
 */
export async function zoneOf(access: ApiAccess, node: string): Promise<string | undefined> {
  const body = await get(access, `/api/v1/nodes/${encodeURIComponent(node)}`);
  const parsed = JSON.parse(body) as {
    readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  };
  return parsed.metadata?.labels?.[ZONE_LABEL] || undefined;
}

/** What finding a rack needs; times in milliseconds. */
export interface RackOptions {
  /** Asked for each attempt, as tokens are renewed. */
  readonly access: () => ApiAccess;
  readonly node: string;
  /** Rack of a node without a zone. */
  readonly fallback: string;
  readonly deadlineMs: number;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** Told why an attempt failed. */
  readonly warn: (reason: string) => void;
}

/** The rack of a node: its zone. Asks again until the deadline; then rejects with the last error. */
export async function findRack(options: RackOptions): Promise<string> {
  const end = options.now() + options.deadlineMs;
  for (;;) {
    try {
      return (await zoneOf(options.access(), options.node)) ?? options.fallback;
    } catch (error) {
      if (options.now() > end) {
        throw error;
      }
      options.warn(describeError(error));
      await options.pause(RETRY_MS);
    }
  }
}
