import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { at, isJsonMap, type Json, type JsonMap, list, text, withValue } from "./json.ts";

/** Which part of a kubeconfig is meant; empty fields leave it to the file. */
export interface Choice {
  readonly kubeconfig: string;
  readonly context: string;
  readonly cluster: string;
}

/** Where the API server is and who asks. Certificates and keys are PEM. */
export interface Access {
  readonly server: string;
  /** The context's namespace, `default` where it has none. */
  readonly namespace: string;
  readonly ca?: string;
  readonly serverName?: string;
  readonly insecure: boolean;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** Gives the value of the Authorization header; absent where certificates are all. */
  readonly authorization?: () => Promise<string>;
}

/** Parses the text of a kubeconfig; relative paths in it are taken from `folder`. */
function parseText(content: string, folder: string): JsonMap {
  const parsed = parse(content) as Json;
  if (!isJsonMap(parsed)) throw new Error("kubeconfig is not a YAML mapping");
  return withValue(parsed, ["folder"], folder);
}

/**
 * Reads what a provider setting holds: a path (with `~`) or the content itself.
 * Throws where it is neither.
 */
function parseKubeconfig(pathOrContent: string): JsonMap {
  const path = pathOrContent.replace(/^~(?=\/)/, homedir());
  if (path.includes("\n") || path.trimStart().startsWith("{")) {
    return parseText(pathOrContent, process.cwd());
  }
  if (!existsSync(path)) throw new Error(`there is no kubeconfig at ${path}`);
  return parseText(readFileSync(path, "utf8"), dirname(resolve(path)));
}

/** Reads the files that kubectl would read; the first one that names a thing wins. */
function ambient(environment: NodeJS.ProcessEnv): JsonMap {
  const paths = environment.KUBECONFIG?.split(delimiter) ?? [join(homedir(), ".kube", "config")];
  const files = paths.filter((path) => path !== "" && existsSync(path));
  if (files.length === 0) {
    throw new Error(
      `no kubeconfig at ${paths.join(", ")}; set KUBECONFIG or the provider's kubeconfig`,
    );
  }
  const [first = {}, ...rest] = files.map((path) => absolute(parseKubeconfig(path)));
  return rest.reduce<JsonMap>((merged, file) => {
    const joined = ["clusters", "contexts", "users"].reduce<JsonMap>(
      (all, part) => withValue(all, [part], [...list(all, part), ...list(file, part)]),
      merged,
    );
    return text(joined, "current-context") === ""
      ? withValue(joined, ["current-context"], text(file, "current-context"))
      : joined;
  }, first);
}

const PATHS = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

function absolute(config: JsonMap): JsonMap {
  const folder = text(config, "folder");
  const fix = (part: string, inner: string): readonly Json[] =>
    list(config, part).map((entry) =>
      PATHS.reduce<JsonMap>(
        (fixed, field) => {
          const path = text(fixed, inner, field);
          if (path === "" || isAbsolute(path)) return fixed;
          return withValue(fixed, [inner, field], join(folder, path));
        },
        isJsonMap(entry) ? entry : {},
      ),
    );
  return { ...config, clusters: fix("clusters", "cluster"), users: fix("users", "user") };
}

function entry(config: JsonMap, part: string, inner: string, name: string): JsonMap {
  const found = list(config, part).find((one) => text(one, "name") === name);
  const value = at(found, inner);
  if (isJsonMap(value)) return value;
  const names = list(config, part).map((one) => text(one, "name"));
  throw new Error(
    `kubeconfig has no ${inner} ${JSON.stringify(name)}; it has: ${names.join(", ") || "none"}`,
  );
}

/** The whole kubeconfig that `choice` points to. */
export function loadKubeconfig(
  choice: Choice,
  environment: NodeJS.ProcessEnv = process.env,
): JsonMap {
  return choice.kubeconfig === ""
    ? ambient(environment)
    : absolute(parseKubeconfig(choice.kubeconfig));
}

/** The cluster entry that `choice` ends at; what makes two providers the same cluster. */
export function clusterOf(config: JsonMap, choice: Choice): JsonMap {
  const name = choice.context || text(config, "current-context");
  const cluster = choice.cluster || text(entry(config, "contexts", "context", name), "cluster");
  return entry(config, "clusters", "cluster", cluster);
}

function pem(part: JsonMap, field: string): string | undefined {
  const data = text(part, `${field}-data`);
  if (data !== "") return Buffer.from(data, "base64").toString("utf8");
  const path = text(part, field);
  return path === "" ? undefined : readFileSync(path, "utf8");
}

/** Works out how to reach the cluster. Throws where the file lacks what it names. */
export async function access(
  choice: Choice,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Access> {
  const config = loadKubeconfig(choice, environment);
  const name = choice.context || text(config, "current-context");
  if (name === "") throw new Error("kubeconfig has no current context; set the provider's context");
  const context = entry(config, "contexts", "context", name);
  const cluster = clusterOf(config, choice);
  const userName = text(context, "user");
  const user = userName === "" ? {} : entry(config, "users", "user", userName);
  const fromExec = at(user, "exec");
  const issued = isJsonMap(fromExec) ? await execCredential(fromExec) : {};
  const ca = pem(cluster, "certificate-authority");
  const serverName = text(cluster, "tls-server-name");
  const clientCertificate =
    text(issued, "clientCertificateData") || pem(user, "client-certificate");
  const clientKey = text(issued, "clientKeyData") || pem(user, "client-key");
  const authorization = authorizer(user);
  return {
    server: text(cluster, "server").replace(/\/$/, ""),
    namespace: text(context, "namespace") || "default",
    insecure: at(cluster, "insecure-skip-tls-verify") === true,
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === "" ? {} : { serverName }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(clientKey === undefined ? {} : { clientKey }),
    ...(authorization === undefined ? {} : { authorization }),
  };
}

function authorizer(user: JsonMap): (() => Promise<string>) | undefined {
  const token = text(user, "token");
  if (token !== "") return async () => `Bearer ${token}`;
  const file = text(user, "tokenFile");
  if (file !== "") return async () => `Bearer ${readFileSync(file, "utf8").trim()}`;
  const username = text(user, "username");
  if (username !== "") {
    const pair = Buffer.from(`${username}:${text(user, "password")}`).toString("base64");
    return async () => `Basic ${pair}`;
  }
  const exec = at(user, "exec");
  if (!isJsonMap(exec)) return undefined;
  let known: { readonly header: string; readonly until: number } | undefined;
  return async () => {
    if (known === undefined || known.until < Date.now() + 60_000) {
      const status = await execCredential(exec);
      const expires = Date.parse(text(status, "expirationTimestamp"));
      const issued = text(status, "token");
      known = {
        header: issued === "" ? "" : `Bearer ${issued}`,
        until: Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires,
      };
    }
    return known.header;
  };
}

/** Runs the program that a user entry names and returns the status that it prints. */
async function execCredential(exec: JsonMap): Promise<JsonMap> {
  const variables = list(exec, "env").map((one) => [text(one, "name"), text(one, "value")]);
  const info = {
    apiVersion: text(exec, "apiVersion"),
    kind: "ExecCredential",
    spec: { interactive: false },
  };
  const { stdout } = await promisify(execFile)(
    text(exec, "command"),
    list(exec, "args").map(String),
    {
      env: {
        ...process.env,
        ...Object.fromEntries(variables),
        KUBERNETES_EXEC_INFO: JSON.stringify(info),
      },
    },
  );
  const status = at(JSON.parse(stdout) as Json, "status");
  if (!isJsonMap(status)) throw new Error(`${text(exec, "command")} printed no credential`);
  return status;
}
