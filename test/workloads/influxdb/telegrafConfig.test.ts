import assert from "node:assert/strict";
import {
  renderNodeConf,
  renderOutput,
  renderServicesConf,
} from "../../../workloads/influxdb/telegrafConfig.ts";

const common = (host: string) => `[agent]
  hostname = "${host}"
  interval = "15s"
  collection_jitter = "3s"
  flush_interval = "10s"
  flush_jitter = "3s"
  metric_batch_size = 2000
  metric_buffer_limit = 25000
[[outputs.prometheus_client]]
  listen = ":9273"
  metric_version = 2
  namepass = ["internal_*","influxdb_*"]
  string_as_label = false
  metric_buffer_limit = 2000
  tls_cert = "/tls/tls.crt"
  tls_key = "/tls/tls.key"
  tls_allowed_cacerts = ["/tls/ca.crt"]
  tls_min_version = "TLS13"
[[inputs.internal]]
  collect_memstats = false
`;

describe("telegraf.conf", () => {
  it("is this text on a node", () => {
    assert.equal(
      renderNodeConf({ buffer: 25_000 }),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Telegraf puts it in
      `${common("${NODE_NAME}")}[[inputs.cpu]]
[[inputs.mem]]
[[inputs.swap]]
[[inputs.system]]
[[inputs.kernel]]
[[inputs.processes]]
[[inputs.diskio]]
  [inputs.diskio.tagdrop]
  name = ["loop*","ram*"]
[[inputs.kubernetes]]
  interval = "30s"
  url = "https://\${NODE_IP}:10250"
  bearer_token = "/var/run/secrets/kubernetes.io/serviceaccount/token"
  tls_ca = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
  response_timeout = "10s"
  [inputs.kubernetes.tagdrop]
  volume_name = ["kube-api-access-*","*config*","*secret*","*certificate*","*tls*","*token*","*login*","tmp"]
`,
    );
  });

  it("is this text where servers are asked: plainly or with certificates, as each is", () => {
    const fields =
      '["znode_count","watch_count","ephemerals_count","approximate_data_size",' +
      '"num_alive_connections","outstanding_requests","avg_latency","max_latency",' +
      '"open_file_descriptor_count","quorum_size","synced_followers","leader_uptime"]';
    assert.equal(
      renderServicesConf({
        buffer: 25_000,
        influxdb: "influxdb.influxdb.svc",
        zookeeper: ["http://zookeeper-0:7000"],
        kafka: ["https://kafka-0:9464", "https://kafka-1:9464"],
      }),
      `${common("services")}[[inputs.influxdb]]
  urls = ["https://influxdb.influxdb.svc:8086/debug/vars"]
  namepass = ["influxdb_httpd","influxdb_write","influxdb_queryExecutor","influxdb_cq","influxdb_database","influxdb_memstats"]
  tls_ca = "/tls/ca.crt"
[[inputs.prometheus]]
  urls = ["http://zookeeper-0:7000/metrics"]
  name_override = "zookeeper"
  metric_version = 2
  interval = "30s"
  fieldinclude = ${fields}
[[inputs.prometheus]]
  urls = ["https://kafka-0:9464/metrics","https://kafka-1:9464/metrics"]
  name_override = "kafka"
  metric_version = 2
  interval = "30s"
  fieldinclude = ["kafka_*"]
  tls_ca = "/tls/ca.crt"
  tls_cert = "/tls/tls.crt"
  tls_key = "/tls/tls.key"
`,
    );
  });

  it("keeps the quotes of a password apart from its own", () => {
    assert.ok(renderOutput("influxdb", 'a"b\\c').includes('  password = "a\\"b\\\\c"\n'));
  });
});
