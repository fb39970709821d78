import { readFileSync } from "node:fs";
import { request } from "node:https";
import { images } from "../../../infra/versions.ts";
import { addresses, apiServer } from "../../../sandbox/addresses.ts";
import { identityFiles } from "../../../sandbox/certificates.ts";
import { sandboxPaths } from "../../../sandbox/paths.ts";
import type { Pod } from "../../../sandbox/policy/objects.ts";
import { until } from "../../until.ts";
import { agentArguments, controlPort, hostPorts, serverPorts } from "./policyAgent.ts";
import { namespaces } from "./policyCase.ts";

/** A Pod as the API takes it. */
export interface PodObject {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>> & { readonly containers: readonly object[] };
}

/**
 * Calls the sandbox's API server as its administrator and gives the object that it answers.
 * Throws on any answer that is no success, but for deletions of what is not there.
 */
export function call<T>(method: string, path: string, body?: object): Promise<T> {
  const files = identityFiles(sandboxPaths().certificates, "admin");
  const options = {
    method,
    ca: readFileSync(files.authority),
    cert: readFileSync(files.certificate),
    key: readFileSync(files.key),
    headers: { "content-type": "application/json" },
  };
  return new Promise((resolve, reject) => {
    const asked = request(`${apiServer}${path}`, options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => {
        const status = answer.statusCode ?? 0;
        if (status < 300 || (method === "DELETE" && status === 404)) resolve(JSON.parse(text) as T);
        else reject(new Error(`${method} ${path}: ${status} ${text}`));
      });
    });
    asked.on("error", reject);
    asked.end(body ? JSON.stringify(body) : undefined);
  });
}

/** Path of a collection of a namespace, or of one of its objects. */
export function pathOf(namespace: string, kind: string, name = ""): string {
  const group = kind === "networkpolicies" ? "/apis/networking.k8s.io/v1" : "/api/v1";
  return `${group}/namespaces/${namespace}/${kind}${name && `/${name}`}`;
}

/** What is particular about a pod. */
export interface PodArgs {
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Number of the port that is named "web". */
  readonly web?: number;
  readonly spec?: Readonly<Record<string, unknown>>;
}

const sleeping = ["node", "-e", "setInterval(() => {}, 1e9)"];

/** The pods by their names; the names are those of the cases. */
const podArgs = {
  db: {
    namespace: "live-policy",
    labels: { role: "db" },
    web: 8080,
    spec: {
      initContainers: [
        {
          name: "proxy",
          image: images.node,
          command: sleeping,
          restartPolicy: "Always",
          ports: [{ name: "proxy", containerPort: 32000 }],
        },
      ],
    },
  },
  frontend: { namespace: "live-policy", labels: { role: "frontend" } },
  other: { namespace: "live-policy" },
  alice: { namespace: "live-policy-people", labels: { role: "client" }, web: 8081 },
  bob: { namespace: "live-policy-people" },
  carol: { namespace: "live-policy-others", labels: { role: "client" } },
  host: {
    namespace: "live-policy",
    labels: { role: "frontend" },
    spec: { hostNetwork: true },
  },
} as const satisfies Readonly<Record<string, PodArgs>>;

/** Name of a pod of the cases. */
export type PodName = keyof typeof podArgs;

/** Whether a name is one of the pods'. */
export function isPodName(name: string): name is PodName {
  return Object.hasOwn(podArgs, name);
}

/** The object of a pod whose agent listens on the usual ports, or on the host's. */
export function podObject(name: string, { namespace, labels, web, spec }: PodArgs): PodObject {
  const control = spec?.hostNetwork ? hostPorts.control : controlPort;
  const args = spec?.hostNetwork
    ? agentArguments(addresses.node, control, [hostPorts.server])
    : agentArguments("0.0.0.0", control, serverPorts);
  const container = {
    name: "agent",
    image: images.node,
    command: ["node", ...args],
    // It opens this port last: whoever is ready can be asked, and answers on the others.
    readinessProbe: { tcpSocket: { port: control }, periodSeconds: 1 },
    ...(web ? { ports: [{ name: "web", containerPort: web }] } : {}),
  };
  return {
    metadata: { name, namespace, labels: labels ?? {} },
    spec: { terminationGracePeriodSeconds: 0, containers: [container], ...spec },
  };
}

const service = {
  metadata: { name: "db" },
  spec: { selector: { role: "db" }, ports: [{ port: 80, targetPort: 6379 }] },
};

/** What the cases need to know of the cluster. */
export interface PolicyCluster {
  readonly pods: Readonly<Record<string, Pod>>;
  /** Address of the Service `db`, whose port 80 is the pod's 6379. */
  readonly service: string;
}

/** Deletes the namespaces with all that is in them, and waits until they are gone. */
export async function removeCluster(): Promise<void> {
  for (const name of Object.keys(namespaces)) await call("DELETE", `/api/v1/namespaces/${name}`);
  await until("the namespaces are gone", 120, async () => {
    const { items } = await call<{ items: readonly { metadata: { name: string } }[] }>(
      "GET",
      "/api/v1/namespaces",
    );
    return !items.some(({ metadata }) => Object.hasOwn(namespaces, metadata.name));
  });
}

/** What a pod's status says besides. */
interface Conditions {
  readonly status?: { readonly conditions?: readonly { type: string; status: string }[] };
}

/** Waits until a pod's agent listens, and gives the pod. */
export function readyPod(namespace: string, name: string, seconds: number): Promise<Pod> {
  return until(`${namespace}/${name} is ready`, seconds, async () => {
    const pod = await call<Pod & Conditions>("GET", pathOf(namespace, "pods", name));
    const ready = pod.status?.conditions?.some((of) => of.type === "Ready" && of.status === "True");
    return ready && pod.status?.podIP ? pod : undefined;
  });
}

/** Creates a pod as soon as its namespace has the ServiceAccount that pods need. */
export async function createPod(object: PodObject, namespace: string): Promise<void> {
  const account = pathOf(namespace, "serviceaccounts", "default");
  await until(`the ServiceAccount of ${namespace}`, 30, () => call("GET", account));
  await call("POST", pathOf(namespace, "pods"), object);
}

/** Makes the namespaces anew, with nothing in them. */
export async function makeNamespaces(): Promise<void> {
  await removeCluster();
  for (const [name, labels] of Object.entries(namespaces)) {
    await call("POST", "/api/v1/namespaces", { metadata: { name, labels } });
  }
}

/** Makes the namespaces, the pods and the Service anew; gives them when all are ready. */
export async function makeCluster(): Promise<PolicyCluster> {
  await makeNamespaces();
  const names = Object.keys(podArgs).filter(isPodName);
  await Promise.all(
    names.map((name) => createPod(podObject(name, podArgs[name]), podArgs[name].namespace)),
  );
  const made = await call<{ spec: { clusterIP: string } }>(
    "POST",
    pathOf("live-policy", "services"),
    service,
  );
  const pods = await Promise.all(
    names.map(async (name) => [name, await readyPod(podArgs[name].namespace, name, 120)] as const),
  );
  return { pods: Object.fromEntries(pods), service: made.spec.clusterIP };
}
