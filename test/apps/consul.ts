import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createSign, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ConsulAddress,
  ConsulClient,
  type ConsulRequest,
  type ConsulSettings,
} from "../../apps/shared/consul.ts";
import { until } from "../until.ts";
import { freePort } from "./broker.ts";
import { makeCertificates } from "./certificates.ts";

const CONFIG_FILE = "consul.json";
const LOGIN_FILE = "login";

/** `consul` on PATH, else the sandbox's build; undefined where there is none. */
export function findConsul(): string | undefined {
  const builds = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
    "web-greetings",
    "builds",
  );
  const built = existsSync(builds)
    ? readdirSync(builds).map((name) => join(builds, name, "consul"))
    : [];
  const found = (process.env.PATH ?? "").split(":").map((folder) => join(folder, "consul"));
  return [...found, ...built].find((file) => existsSync(file));
}

/** Why no Consul can run here, or undefined. */
export function whyNoConsul(): string | undefined {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
  } catch {
    return "needs openssl on the PATH";
  }
  return findConsul() ? undefined : "needs consul: put it on the PATH or run make sandbox-up";
}

/** A token as a service account's is, signed by `key`. */
function signToken(key: string, subject: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: "trial", aud: ["trial"], sub: subject, iat: now, exp: now + 3600 };
  const text = `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}`;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(key, "base64url")}`;
}

/** Policy, role and login of the trial's pods, as the stack makes one for each of its consumers. */
async function allowPods(consul: TrialConsul, publicKey: string): Promise<void> {
  const rules = 'service "trial" { policy = "write" } node_prefix "" { policy = "read" }';
  await consul.ask("PUT", "/v1/acl/policy", { Name: "trial", Rules: rules });
  await consul.ask("PUT", "/v1/acl/role", { Name: "trial", Policies: [{ Name: "trial" }] });
  await consul.ask("PUT", "/v1/acl/auth-method", {
    Name: "kubernetes",
    // A cluster's API server is not there to review tokens; their signature is checked instead.
    Type: "jwt",
    MaxTokenTTL: "5m",
    Config: {
      BoundAudiences: ["trial"],
      BoundIssuer: "trial",
      JWTValidationPubKeys: [publicKey],
      ClaimMappings: { sub: "account" },
    },
  });
  await consul.ask("PUT", "/v1/acl/binding-rule", {
    AuthMethod: "kubernetes",
    BindType: "role",
    BindName: "trial",
    Selector: 'value.account=="trial"',
  });
}

interface Ports {
  readonly https: number;
  readonly server: number;
  readonly serf: number;
}

/** What only who may do everything knows. */
export interface TrialSecrets {
  /** Token that may do everything. */
  readonly management: string;
  /** Key of the gossip, 32 bytes in base64. */
  readonly gossipKey: string;
}

/** Configuration of the server; makes its certificates, and those of its clients, in `folder`. */
function configuration(
  folder: string,
  { https, server, serf }: Ports,
  { management, gossipKey }: TrialSecrets,
) {
  const { caFile, certFile, keyFile } = makeCertificates(folder).server;
  const unused = { http: -1, dns: -1, grpc: -1, grpc_tls: -1, serf_wan: -1 };
  return {
    server: true,
    bootstrap_expect: 1,
    node_name: "trial",
    data_dir: join(folder, "data"),
    bind_addr: "127.0.0.1",
    client_addr: "127.0.0.1",
    ports: { ...unused, https, server, serf_lan: serf },
    tls: {
      defaults: {
        ca_file: caFile,
        cert_file: certFile,
        key_file: keyFile,
        verify_incoming: true,
        verify_outgoing: true,
      },
    },
    acl: {
      enabled: true,
      default_policy: "deny",
      tokens: { initial_management: management, agent: management },
    },
    encrypt: gossipKey,
    performance: { raft_multiplier: 1 },
    log_level: "warn",
  };
}

/** A Consul of one server on loopback, which is its own agent. */
export class TrialConsul {
  readonly #program: string;
  readonly #folder: string;
  readonly secrets: TrialSecrets;
  readonly #access: ConsulAddress;
  readonly #client: ConsulClient;
  #child: ChildProcess | undefined;
  readonly #killWithUs = (): void => void this.#child?.kill("SIGKILL");

  constructor(program: string, folder: string, port: number, secrets: TrialSecrets) {
    this.#program = program;
    this.#folder = folder;
    this.secrets = secrets;
    this.#access = {
      address: `localhost:${port}`,
      caFile: join(folder, "ca.pem"),
      certFile: join(folder, "client.pem"),
      keyFile: join(folder, "client.key"),
    };
    this.#client = new ConsulClient(this.#access);
    process.once("exit", this.#killWithUs);
  }

  /** For a pod of that name, whose service account may register services called "trial". */
  settings(podName: string): ConsulSettings {
    const loginFile = join(this.#folder, LOGIN_FILE);
    return { ...this.#access, loginFile, podName, podIp: "127.0.0.1" };
  }

  /** Asks as who may do everything; the answer's JSON, undefined where there is none. */
  async ask(method: ConsulRequest["method"], path: string, body?: unknown): Promise<unknown> {
    const asked = { method, path, body, token: this.secrets.management, deadlineMs: 10_000 };
    const answer = await this.#client.send(asked);
    return answer.body === "" ? undefined : JSON.parse(answer.body);
  }

  /** Starts it, and waits until it has a leader. */
  async start(): Promise<void> {
    const log = openSync(join(this.#folder, "consul.log"), "a");
    const args = ["agent", `-config-file=${join(this.#folder, CONFIG_FILE)}`];
    this.#child = spawn(this.#program, args, { stdio: ["ignore", log, log] });
    closeSync(log);
    await until("Consul has a leader", 60, () => this.ask("GET", "/v1/acl/policies"));
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    }
  }

  /** Makes the agent forget what was registered with it; only while it is killed. */
  forget(): void {
    for (const part of ["services", "checks"]) {
      rmSync(join(this.#folder, "data", part), { recursive: true, force: true });
    }
  }

  /** Makes it lose all that it keeps, as a server does with its volume; only while it is killed. */
  forgetAll(): void {
    rmSync(join(this.#folder, "data"), { recursive: true });
  }

  async remove(): Promise<void> {
    await this.kill();
    this.#client.close();
    process.removeListener("exit", this.#killWithUs);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Makes a Consul with mutual TLS and ACLs that deny by default, and starts it. */
export async function startConsul(): Promise<TrialConsul> {
  const program = findConsul();
  if (!program) {
    throw new Error(whyNoConsul());
  }
  const folder = mkdtempSync(join(tmpdir(), "web-greetings-consul-"));
  const ports = { https: await freePort(), server: await freePort(), serf: await freePort() };
  const secrets = { management: randomUUID(), gossipKey: randomBytes(32).toString("base64") };
  const config = configuration(folder, ports, secrets);
  writeFileSync(join(folder, CONFIG_FILE), JSON.stringify(config));
  const keys = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  writeFileSync(join(folder, LOGIN_FILE), signToken(keys.privateKey, "trial"));
  const consul = new TrialConsul(program, folder, ports.https, secrets);
  await consul.start();
  await allowPods(consul, keys.publicKey);
  return consul;
}
