import assert from "node:assert/strict";
import { parse } from "yaml";
import { renderClusterJobs } from "../../../workloads/prometheus/cluster.ts";
import { type PodJob, podJobOf, renderPodJob } from "../../../workloads/prometheus/jobs.ts";
import { renderPrometheus } from "../../../workloads/prometheus/prometheusConfig.ts";
import { settle } from "../../mocks.ts";
import { fakeRoom } from "./fixture.ts";

const tls = (server_name: string) => ({
  ca_file: "/etc/monitoring/tls/ca.crt",
  cert_file: "/etc/monitoring/tls/tls.crt",
  key_file: "/etc/monitoring/tls/tls.key",
  server_name,
  min_version: "TLS13",
});

const label = (meta: string, target_label: string) => ({
  source_labels: [`__meta_kubernetes_${meta}`],
  target_label,
});
const whose = [
  label("namespace", "namespace"),
  label("pod_name", "pod"),
  label("pod_node_name", "node"),
];

const chosen = (port: string) => [
  {
    source_labels: ["__meta_kubernetes_pod_container_port_number"],
    regex: port,
    action: "keep",
  },
  { source_labels: ["__meta_kubernetes_pod_phase"], regex: "Running", action: "keep" },
];

describe("prometheus.yml", () => {
  let jobs: PodJob[];

  before(async () => {
    jobs = await Promise.all(fakeRoom().scrape.map((target) => settle(podJobOf(target))));
  });

  it("asks each pod of a target by itself, with all that the target says", () => {
    assert.deepEqual(jobs.map(renderPodJob), [
      {
        job_name: "mill",
        scrape_interval: "5s",
        scrape_timeout: "5s",
        authorization: { type: "Bearer", credentials_file: "/run/token/consul" },
        scheme: "https",
        tls_config: tls("mill.mills.svc"),
        metrics_path: "/stats",
        params: { format: ["prometheus"] },
        kubernetes_sd_configs: [
          {
            role: "pod",
            namespaces: { names: ["mills"] },
            selectors: [{ role: "pod", label: "app.kubernetes.io/name=mill" }],
          },
        ],
        relabel_configs: [...chosen("9464"), ...whose],
        metric_relabel_configs: [{ source_labels: ["__name__"], regex: "mill_.*", action: "keep" }],
      },
      {
        job_name: "sack",
        scrape_interval: "15s",
        scrape_timeout: "10s",
        scheme: "http",
        metrics_path: "/metrics",
        kubernetes_sd_configs: [
          {
            role: "pod",
            namespaces: { names: ["mills"] },
            selectors: [{ role: "pod", label: "app.kubernetes.io/name=sack" }],
          },
        ],
        relabel_configs: [...chosen("7000"), ...whose],
      },
    ]);
  });

  it("leaves their labels to metrics that are of others", async () => {
    const [target] = fakeRoom().scrape;
    assert.ok(target);
    const job = await settle(podJobOf(target, { ofOthers: true }));
    const rendered = renderPodJob(job) as { honor_labels?: boolean; relabel_configs: object[] };
    assert.equal(rendered.honor_labels, true);
    assert.deepEqual(rendered.relabel_configs, chosen("9464"));
  });

  it("asks nodes and API servers by its account, and verifies them by their authority", () => {
    const all = renderClusterJobs() as {
      job_name: string;
      metrics_path?: string;
      scheme: string;
      tls_config: object;
      authorization: object;
    }[];
    assert.deepEqual(
      all.map(({ job_name, metrics_path }) => `${job_name} ${metrics_path ?? "/metrics"}`),
      [
        "kubelet /metrics",
        "kubelet-resource /metrics/resource",
        "cadvisor /metrics/cadvisor",
        "apiserver /metrics",
      ],
    );
    const account = "/var/run/secrets/kubernetes.io/serviceaccount";
    for (const { scheme, authorization, tls_config } of all) {
      assert.equal(scheme, "https");
      assert.deepEqual(authorization, { type: "Bearer", credentials_file: `${account}/token` });
      assert.equal((tls_config as { ca_file: string }).ca_file, `${account}/ca.crt`);
      assert.equal("insecure_skip_verify" in tls_config, false);
    }
  });

  it("tells every Alertmanager, and the same whichever Prometheus it is", () => {
    const { alerting, global, rule_files } = parse(renderPrometheus([]));
    assert.deepEqual(alerting, {
      alert_relabel_configs: [{ regex: "prometheus_replica", action: "labeldrop" }],
      alertmanagers: [
        {
          scheme: "https",
          tls_config: tls("alertmanager.prometheus.svc"),
          dns_sd_configs: [
            { names: ["alertmanager-servers.prometheus.svc"], type: "A", port: 9093 },
          ],
        },
      ],
    });
    assert.deepEqual(global.external_labels, { prometheus_replica: "$POD_NAME" });
    assert.deepEqual(rule_files, ["/etc/monitoring/config/rules.yml"]);
  });
});
