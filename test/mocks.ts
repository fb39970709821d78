import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as mocks from "@pulumi/pulumi/runtime/mocks.js";
import { awsAnswer, awsOutputs } from "./awsMocks.ts";

/** One resource as the program registered it. */
export interface Recorded {
  /** Type token, such as `kubernetes:apps/v1:StatefulSet`. */
  readonly type: string;
  readonly name: string;
  /** Inputs; a secret is wrapped as the engine wraps it: under a signature key. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Reference of its provider, `<URN>::<ID>`; empty for the default one. */
  readonly provider: string;
  /** False for a component. */
  readonly custom: boolean;
  /** True: it outlives its stack. */
  readonly isKept?: boolean;
  /** True: Pulumi refuses to delete it. */
  readonly isProtected?: boolean;
  /** ID of the object that it takes over, empty when it makes its own. */
  readonly importId?: string;
  /** URNs of the resources that it waits for, as far as it names them itself. */
  readonly after?: readonly string[];
}

/** A random text as long as it was asked for; the same for the same resource and keepers. */
function randomText(name: string, { length, keepers }: Record<string, unknown>): string {
  const hex = createHash("sha512")
    .update(`${name} ${JSON.stringify(keepers)}`)
    .digest("hex");
  return hex.slice(0, Number(length));
}

/** Outputs that a resource has beyond its inputs, as the real plugins would give them. */
function computed(args: pulumi.runtime.MockResourceArgs): Record<string, unknown> {
  if (args.type.startsWith("aws:")) return awsOutputs(args);
  const pem = (kind: string) => `-----BEGIN ${kind}-----\n${args.name}\n-----END ${kind}-----\n`;
  switch (args.type) {
    case "tls:index/privateKey:PrivateKey":
      return {
        privateKeyPem: pulumi.secret(pem("EC PRIVATE KEY")),
        privateKeyPemPkcs8: pulumi.secret(pem("PRIVATE KEY")),
      };
    case "tls:index/selfSignedCert:SelfSignedCert":
    case "tls:index/locallySignedCert:LocallySignedCert":
      return { certPem: pem("CERTIFICATE"), validityEndTime: "2027-11-22T00:00:00Z" };
    case "tls:index/certRequest:CertRequest":
      return { certRequestPem: pem("CERTIFICATE REQUEST") };
    case "random:index/randomPassword:RandomPassword":
      return { result: pulumi.secret(randomText(args.name, args.inputs)) };
    case "random:index/randomId:RandomId":
      return { hex: randomText(args.name, { length: 2 * args.inputs.byteLength }) };
    case "docker:index/image:Image": {
      const repository = String(args.inputs.imageName).replace(/:[^:/]+$/, "");
      return { repoDigest: `${repository}@sha256:${"0".repeat(64)}` };
    }
    case "kubernetes:core/v1:Service": {
      const ports: object[] = args.inputs.spec?.ports ?? [];
      const nodePort = args.inputs.spec?.type === "NodePort" ? { nodePort: 30080 } : {};
      return { spec: { ...args.inputs.spec, ports: ports.map((p) => ({ ...p, ...nodePort })) } };
    }
    default:
      return {};
  }
}

interface Registration {
  getType(): string;
  getName(): string;
  getRetainondelete(): boolean | undefined;
  getProtect(): boolean | undefined;
  getDependenciesList(): string[];
}

// Mocks are not told of these options; the monitor that calls them is.
const options = new Map<string, Pick<Recorded, "isKept" | "isProtected" | "after">>();
const { MockMonitor } = mocks;
const register = MockMonitor.prototype.registerResource;
MockMonitor.prototype.registerResource = function (request: Registration, callback) {
  options.set(`${request.getType()} ${request.getName()}`, {
    isKept: request.getRetainondelete() ?? false,
    isProtected: request.getProtect() ?? false,
    after: request.getDependenciesList(),
  });
  return register.call(this, request, callback);
};

function optionsOf({ type, name }: pulumi.runtime.MockResourceArgs) {
  return options.get(`${type} ${name}`);
}

/**
 * Runs a program against mocks of all plugins and waits until every registration is through.
 *
 * @param preview true: a preview of a new stack, where only what is taken over has an ID yet
 * @returns the resources sorted by type and name, the stack itself left out
 */
export async function record(program: () => unknown, preview = false): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        const { type, name, inputs, provider = "", custom = true, id: importId = "" } = args;
        recorded.push({ type, name, inputs, provider, custom, importId, ...optionsOf(args) });
        const metadata = inputs.metadata ? { metadata: { name, ...inputs.metadata } } : {};
        const id = preview ? importId : `${name}-id`;
        return { id, state: { ...inputs, ...metadata, ...computed(args) } };
      },
      call: (args) => (args.token.startsWith("aws:") ? awsAnswer(args) : args.inputs),
    },
    "web-greetings",
    "dev",
    preview,
  );
  await program();
  await pulumi.runtime.disconnect();
  const key = (r: Recorded) => `${r.type} ${r.name}`;
  return recorded
    .filter(({ type }) => type !== "pulumi:pulumi:Stack")
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The value of an output, secret or not. */
export function settle<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply((value) => resolve(value as T));
  });
}
