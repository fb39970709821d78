import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../../infra/pki.ts";
import type { Platform } from "../../../infra/platform.ts";
import { Grafana, type GrafanaArgs } from "../../../workloads/grafana/index.ts";
import type { Dashboard } from "../../../workloads/kit/dashboard.ts";
import { accessLabelsFor, type Endpoint } from "../../../workloads/kit/endpoint.ts";
import { type Recorded, record } from "../../mocks.ts";
import { fakePlatform } from "../rooms.ts";

/** A server in a namespace that is called as it is, over TLS. */
export function endpointOf(name: string, port: number): Endpoint {
  return {
    host: pulumi.output(`${name}.${name}.svc`),
    port,
    tls: true,
    accessLabels: accessLabelsFor(name),
    server: { namespace: name, labels: { "app.kubernetes.io/name": name } },
  };
}

const influxdb = {
  endpoint: endpointOf("influxdb", 8086),
  database: "telegraf",
  reader: { user: "grafana", password: pulumi.secret("influx-secret") },
};
/** Two dashboards with nothing on them. */
export const dashboards: readonly [Dashboard, Dashboard] = [
  { folder: "Stack", uid: "overview", json: '{"uid":"overview"}' },
  { folder: "Kafka", uid: "kafka", json: '{"uid":"kafka"}' },
];

/** What a test wants to be otherwise. */
export interface Wishes {
  readonly args?: Partial<GrafanaArgs>;
  readonly platform?: Partial<Platform>;
  /** False: there is none. @default true */
  readonly influxdb?: boolean;
}

/** Everything that the room registers. */
export function make(
  wishes: Wishes = {},
  look: (made: Grafana) => unknown = () => {},
): Promise<Recorded[]> {
  return record(async () => {
    const made = new Grafana("grafana", {
      platform: fakePlatform(wishes.platform),
      authority: new CertificateAuthority("internal", { organization: "yourcom.example" }),
      prometheus: endpointOf("prometheus", 9090),
      ...((wishes.influxdb ?? true) ? { influxdb } : {}),
      dashboards,
      ...wishes.args,
    });
    await look(made);
  });
}
