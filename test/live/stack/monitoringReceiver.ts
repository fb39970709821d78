import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addresses } from "../../../sandbox/addresses.ts";
import { WATCHDOG } from "../../../workloads/prometheus/rules.ts";
import type { Stack } from "./fixture.ts";

type Labels = Readonly<Record<string, string>>;

/** An alert as it was posted. */
export interface Posted {
  readonly status: "firing" | "resolved";
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** An alert, and when the post came that it was in; milliseconds. */
export interface Delivered extends Posted {
  readonly at: number;
}

/** Who gets alerts, on the node and over TLS, as a server somewhere outside the cluster would. */
export class AlertReceiver {
  /** All that came for people, in its order. */
  readonly delivered: Delivered[] = [];
  /** Times at which the dead man's switch was told that alerts are on their way. */
  readonly switched: number[] = [];
  /** What the setting `alertReceivers` has to be for alerts to come here. */
  readonly receivers: readonly {
    readonly kind: string;
    readonly url: string;
    readonly ca: string;
  }[];
  readonly #server: Server;

  private constructor(server: Server, ca: string) {
    const { port } = server.address() as AddressInfo;
    const url = (path: string) => `https://${addresses.node}:${port}/${path}`;
    this.#server = server;
    this.receivers = [
      { kind: "webhook", url: url("people"), ca },
      { kind: "deadMansSwitch", url: url("switch"), ca },
    ];
    server.on("request", async (asked, response) => {
      let text = "";
      for await (const chunk of asked) text += chunk;
      response.end();
      const at = Date.now();
      const { alerts } = JSON.parse(text) as { readonly alerts: readonly Posted[] };
      if (asked.url === "/people") this.delivered.push(...alerts.map((one) => ({ ...one, at })));
      else if (alerts.some(({ labels }) => labels.alertname === WATCHDOG)) this.switched.push(at);
    });
  }

  /** Listens at a free port, with a certificate of its own. */
  static async open(stack: Stack): Promise<AlertReceiver> {
    const folder = mkdtempSync(join(tmpdir(), "receiver-"));
    const file = (name: string) => join(folder, name);
    try {
      const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"];
      const named = ["-subj", "/CN=receiver", "-addext", `subjectAltName=IP:${addresses.node}`];
      const out = ["-days", "2", "-keyout", file("key"), "-out", file("cert")];
      await stack.ask("openssl", "req", "-x509", ...curve, ...named, ...out);
      const cert = readFileSync(file("cert"), "utf8");
      const server = createServer({ cert, key: readFileSync(file("key")) });
      await new Promise<void>((resolve) => server.listen(0, addresses.node, resolve));
      return new AlertReceiver(server, cert);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** The first post of an alert that fires. */
  firing(alert: string): Delivered | undefined {
    return this.delivered.find(
      ({ status, labels }) => status === "firing" && labels.alertname === alert,
    );
  }

  /** Alerts by their labels, each as it was posted last. */
  last(): ReadonlyMap<string, Delivered> {
    return new Map(this.delivered.map((alert) => [lineOf(alert.labels), alert]));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** An alert's name and its other labels, for people. */
export function lineOf({ alertname, ...labels }: Labels): string {
  const others = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return `${alertname} {${others.sort().join(", ")}}`;
}
