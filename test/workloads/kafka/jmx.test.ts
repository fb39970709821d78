import assert from "node:assert/strict";
import { parse } from "yaml";
import { renderJmx } from "../../../workloads/kafka/jmx.ts";

interface Rule {
  readonly pattern: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const { rules, includeObjectNames: objects } = parse(renderJmx()) as {
  readonly rules: readonly Rule[];
  readonly includeObjectNames: readonly string[];
};

/** The metric that an attribute of an MBean becomes by the first rule that fits, as the agent does it. */
function metricOf(attribute: string): string | undefined {
  for (const { pattern, name, labels = {} } of rules) {
    const found = new RegExp(`^.*(?:${pattern}).*$`).exec(attribute);
    if (found) {
      const fill = (text: string) =>
        text.replace(/\$(\d)/g, (_, n: string) => found[Number(n)] ?? "");
      const shown = Object.entries(labels).map(([key, value]) => `${key}="${fill(value)}"`);
      return `${fill(name).toLowerCase()}${shown.length > 0 ? `{${shown}}` : ""}`;
    }
  }
  return undefined;
}

describe("jmx.yml", () => {
  // Attributes as a broker of 3.9.1 has them, and metrics as its agent was seen to show them.
  const table: readonly [string, string | undefined][] = [
    [
      "kafka.server<type=ReplicaManager, name=UnderReplicatedPartitions><>Value: 0",
      "kafka_server_replicamanager_underreplicatedpartitions",
    ],
    [
      "kafka.server<type=ReplicaManager, name=IsrShrinksPerSec><>Count: 0",
      "kafka_server_replicamanager_isrshrinks_total",
    ],
    ["kafka.server<type=ReplicaManager, name=IsrShrinksPerSec><>MeanRate: 0.0", undefined],
    [
      "kafka.network<type=RequestMetrics, name=RequestsPerSec, request=Produce, version=9><>Count: 1",
      'kafka_network_requests_total{request="Produce",version="9"}',
    ],
    [
      "kafka.network<type=RequestMetrics, name=TotalTimeMs, request=FetchFollower><>99thPercentile: 3",
      'kafka_network_request_total_time_ms{request="FetchFollower",quantile="0.99"}',
    ],
    [
      "kafka.network<type=RequestMetrics, name=TotalTimeMs, request=Produce><>999thPercentile: 3",
      undefined,
    ],
    [
      "kafka.server<type=KafkaRequestHandlerPool, name=RequestHandlerAvgIdlePercent>" +
        "<>OneMinuteRate: 0.9",
      "kafka_server_kafkarequesthandlerpool_requesthandleravgidlepercent",
    ],
    [
      "kafka.server<type=KafkaRequestHandlerPool, name=RequestHandlerAvgIdlePercent><>Count: 99999",
      undefined,
    ],
    [
      "kafka.server<type=BrokerTopicMetrics, name=BytesInPerSec><>Count: 5",
      "kafka_server_brokertopicmetrics_bytesin_total",
    ],
    [
      "kafka.log<type=Log, name=Size, topic=web-greetings, partition=3><>Value: 7",
      'kafka_log_size_bytes{topic="web-greetings",partition="3"}',
    ],
  ];
  for (const [attribute, metric] of table) {
    it(`makes ${metric ?? "nothing"} of ${attribute.slice(0, 90)}`, () => {
      assert.equal(metricOf(attribute), metric);
    });
  }

  it("asks for each kind of MBean once, and for no domain as a whole", () => {
    assert.equal(new Set(objects).size, objects.length);
    for (const object of objects) assert.match(object, /^kafka\.[a-z]+:type=[A-Za-z]+,/);
  });
});
