import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../../infra/pki.ts";
import type { Scale } from "../../../infra/platform.ts";
import { accessLabelsFor, type Endpoint } from "../../../workloads/kit/endpoint.ts";
import type { Monitored } from "../../../workloads/kit/monitor.ts";
import { Prometheus, type PrometheusArgs } from "../../../workloads/prometheus/index.ts";
import { type Recorded, record } from "../../mocks.ts";
import { fakePlatform } from "../rooms.ts";

/** An endpoint of pods that are called as it is. */
export function endpointOf(name: string, namespace: string, port: number, tls = true): Endpoint {
  return {
    host: pulumi.output(`${name}.${namespace}.svc`),
    port,
    tls,
    accessLabels: accessLabelsFor(name),
    server: { namespace, labels: { "app.kubernetes.io/name": name } },
  };
}

/** A room with a job that says everything that there is to say, and one that says the least. */
export function fakeRoom(wishes: Partial<Monitored> = {}): Monitored {
  return {
    room: "mill",
    scrape: [
      {
        job: "mill",
        endpoint: endpointOf("mill", "mills", 9464),
        path: "/stats",
        params: { format: "prometheus" },
        login: "consul",
        intervalSeconds: 5,
        keep: "mill_.*",
      },
      { job: "sack", endpoint: endpointOf("sack", "mills", 7000, false) },
    ],
    alerts: [
      {
        name: "MillStands",
        expr: "mill_turns == 0",
        forSeconds: 90,
        severity: "critical",
        summary: "{{ $labels.pod }} stands",
      },
    ],
    dashboards: [],
    ...wishes,
  };
}

/** Makes monitoring; to be called under mocks. */
export function make(wishes: Partial<PrometheusArgs> = {}, scale: Scale = "small"): Prometheus {
  return new Prometheus("prometheus", {
    platform: fakePlatform({ scale }),
    authority: new CertificateAuthority("internal", { organization: "yourcom.example" }),
    consul: endpointOf("consul", "consul", 8501),
    rooms: [fakeRoom()],
    ...wishes,
  });
}

/** Everything that monitoring registers. */
export function recordPrometheus(
  wishes: () => Partial<PrometheusArgs> = () => ({}),
  scale?: Scale,
): Promise<Recorded[]> {
  return record(() => {
    make(wishes(), scale);
  });
}
