import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../../infra/pki.ts";
import { InfluxDb, type InfluxDbArgs } from "../../../workloads/influxdb/index.ts";
import { metricsEndpoint } from "../../../workloads/kit/metrics.ts";
import { type Recorded, record } from "../../mocks.ts";
import { fakePlatform } from "../rooms.ts";

/** Servers with metrics, as a room hands them out. */
function serversOf(of: string, port: number, tlsName: string | undefined) {
  const identity = { name: of, instance: of, component: "server", version: "1" };
  const namespace = pulumi.output(of);
  const endpoint = metricsEndpoint(of, { identity, namespace, port, tlsName });
  const scrape = [
    { job: of, endpoint },
    { job: `${of}-more`, path: "/more", endpoint },
  ];
  return { scrape, hosts: [0, 1].map((ordinal) => `${of}-${ordinal}.${of}-servers.${of}.svc`) };
}

/** Makes the room; to be called under mocks. */
export function makeInfluxDb(wishes: Partial<InfluxDbArgs> = {}): InfluxDb {
  return new InfluxDb("influxdb", {
    platform: fakePlatform(),
    authority: new CertificateAuthority("internal", { organization: "yourcom.example" }),
    zookeeper: serversOf("zookeeper", 7000, undefined),
    kafka: serversOf("kafka", 9464, "kafka.kafka.svc"),
    ...wishes,
  });
}

/** Everything that the room registers. */
export function recordInfluxDb(wishes: () => Partial<InfluxDbArgs> = () => ({})) {
  return record(() => {
    makeInfluxDb(wishes());
  });
}

let plain: Promise<Recorded[]> | undefined;

/** Everything that the room registers as it is, recorded once for all tests. */
export function plainInfluxDb(): Promise<Recorded[]> {
  plain ??= recordInfluxDb();
  return plain;
}
