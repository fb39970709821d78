import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TrialTls } from "../../../apps/certificates.ts";

/** A pod as Prometheus finds it. */
export interface FoundPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ip: string;
  readonly phase: string;
  /** Ports that its container declares. */
  readonly ports: readonly number[];
}

function podOf({ namespace, name, labels, ip, phase, ports }: FoundPod) {
  return {
    metadata: { namespace, name, labels, uid: name, resourceVersion: "1" },
    spec: {
      nodeName: "node-1",
      containers: [{ name: "c", ports: ports.map((containerPort) => ({ containerPort })) }],
    },
    status: { podIP: ip, phase },
  };
}

/** An API server that lists pods, and nothing else, to who shows it a token. */
export class FakeKubernetes {
  readonly #server: Server;
  readonly #pods: readonly FoundPod[];
  readonly #token: string;

  constructor(tls: TrialTls, token: string, pods: readonly FoundPod[]) {
    this.#pods = pods;
    this.#token = token;
    const { certFile, keyFile } = tls;
    const files = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    this.#server = createServer(files, (request, response) => this.#answer(request, response));
  }

  /** Listens; its port. */
  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url, "https://localhost");
    const say = (code: number, body: object) =>
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (headers.authorization !== `Bearer ${this.#token}`) {
      say(401, { kind: "Status", apiVersion: "v1", status: "Failure", code: 401 });
    } else if (searchParams.has("sendInitialEvents")) {
      // Who asks so can also list.
      say(422, { kind: "Status", apiVersion: "v1", reason: "Invalid", code: 422 });
    } else if (searchParams.has("watch")) {
      response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    } else {
      say(200, this.#list(pathname, searchParams.get("labelSelector") ?? ""));
    }
  }

  #list(path: string, selector: string): object {
    const [, namespace = "", kind = ""] = /\/namespaces\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    const wanted = selector.split(",").map((one) => one.split("="));
    const items = this.#pods.filter(
      (pod) =>
        kind === "pods" &&
        pod.namespace === namespace &&
        wanted.every(([key = "", value]) => key === "" || pod.labels[key] === value),
    );
    const listed = path.includes("discovery.k8s.io")
      ? { kind: "EndpointSliceList", apiVersion: "discovery.k8s.io/v1" }
      : { kind: kind === "pods" ? "PodList" : kind === "services" ? "ServiceList" : "NodeList" };
    return {
      apiVersion: "v1",
      ...listed,
      metadata: { resourceVersion: "1" },
      items: items.map(podOf),
    };
  }
}
