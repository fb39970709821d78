import assert from "node:assert/strict";
import { addressOf } from "../../../workloads/kit/endpoint.ts";
import { record, settle } from "../../mocks.ts";
import { inputsOf, makeRooms, objectsIn, plainRooms, recordRooms } from "../rooms.ts";

interface Container {
  readonly name: string;
  readonly args?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

async function brokers() {
  return inputsOf(await plainRooms(), "StatefulSet", "kafka").spec;
}

describe("Kafka", () => {
  it("is these objects in its namespace and no others", async () => {
    assert.deepEqual(objectsIn(await plainRooms(), "kafka"), [
      "ConfigMap kafka",
      "ConfigMap kafka-topics",
      "Job kafka-topics",
      "NetworkPolicy kafka",
      "NetworkPolicy kafka-default",
      "NetworkPolicy kafka-topics",
      "PodDisruptionBudget kafka",
      "Secret kafka",
      "Service kafka",
      "Service kafka-servers",
      "ServiceAccount kafka",
      "ServiceAccount kafka-topics",
      "StatefulSet kafka",
    ]);
  });

  it("outside of namespaces is these objects among all rooms', which read nodes and nothing else", async () => {
    const resources = await plainRooms();
    assert.deepEqual(objectsIn(resources, ""), [
      "ClusterRole consul-reviewer",
      "ClusterRole kafka-rack",
      "ClusterRoleBinding consul-reviewer",
      "ClusterRoleBinding kafka-rack",
      "Namespace consul",
      "Namespace greetings",
      "Namespace kafka",
      "Namespace zookeeper",
    ]);
    assert.deepEqual(inputsOf(resources, "ClusterRole", "kafka-rack").rules, [
      { apiGroups: [""], resources: ["nodes"], verbs: ["get"] },
    ]);
    assert.deepEqual(inputsOf(resources, "ClusterRoleBinding", "kafka-rack").subjects, [
      { kind: "ServiceAccount", name: "kafka", namespace: "kafka" },
    ]);
  });

  it("shows the pod's token to the container that asks for the rack, and to no other", async () => {
    const { spec } = (await brokers()).template;
    const holders = [...spec.initContainers, ...spec.containers]
      .filter(({ volumeMounts }: Container) => volumeMounts.some(({ name }) => name === "token"))
      .map(({ name }: Container) => name);
    assert.deepEqual(holders, ["rack"]);
    assert.equal(spec.automountServiceAccountToken, false);
  });

  it("gives a broker time to hand its leaders over", async () => {
    const { spec } = (await brokers()).template;
    assert.equal(spec.terminationGracePeriodSeconds, 120);
  });

  it("is ready by the word of the agent beside the broker", async () => {
    const { spec } = (await brokers()).template;
    const agent = spec.containers.find(({ name }: Container) => name === "agent");
    assert.deepEqual(agent.args, ["watch"]);
    assert.deepEqual(agent.readinessProbe.httpGet, {
      path: "/readyz",
      port: "health",
      scheme: "HTTP",
    });
  });

  it("starts its JVM with an agent that the container before it leaves there", async () => {
    const { spec } = (await brokers()).template;
    const [rack] = spec.initContainers;
    const [broker] = spec.containers;
    const file = rack.env.find(({ name }: { name: string }) => name === "JVM_AGENT_FILE").value;
    const folderIn = ({ volumeMounts }: Container) =>
      volumeMounts.find(({ name }) => name === "node")?.mountPath;
    assert.equal(file, `${folderIn(rack)}/jmx.jar`);
    assert.equal(folderIn(broker), folderIn(rack));
    assert.ok(broker.command.at(-1).includes(` -javaagent:${file}=127.0.0.1:9405:`));
    const opened = broker.ports.map(
      ({ containerPort }: { containerPort: number }) => containerPort,
    );
    assert.deepEqual(opened, [9093]);
  });

  it("has the lag measured of who reads its topics", async () => {
    const topic = { name: "web-greetings", partitions: 6, retentionHours: 168 };
    const readers = async (...of: string[]) => {
      const topics = [{ ...topic, readers: of }];
      const resources = await recordRooms({ kafka: { topics } });
      const { containers } = inputsOf(resources, "StatefulSet", "kafka").spec.template.spec;
      const agent = containers.find(({ name }: Container) => name === "agent");
      return agent.env.filter(({ name }: { name: string }) => name === "READERS");
    };
    assert.deepEqual(await readers(), []);
    assert.deepEqual(await readers("a", "b"), [
      { name: "READERS", value: "a:web-greetings,b:web-greetings" },
    ]);
  });

  it("has heap and memory as the settings say", async () => {
    const resources = await recordRooms({ kafka: { heapMiB: 256 } });
    const [broker] = inputsOf(resources, "StatefulSet", "kafka").spec.template.spec.containers;
    assert.deepEqual(broker.env[0], { name: "KAFKA_HEAP_OPTS", value: "-Xms256m -Xmx256m" });
    assert.equal(broker.resources.limits.memory, "640Mi");
  });

  it("may talk to ZooKeeper, to itself and to Kubernetes", async () => {
    const { spec } = inputsOf(await plainRooms(), "NetworkPolicy", "kafka");
    assert.deepEqual(
      spec.egress.map(({ to, ports }: { to?: object[]; ports: { port: number }[] }) => [
        JSON.stringify(to ?? []).match(/"app.kubernetes.io\/name":"(\w+)"/)?.[1] ?? "anyone",
        ports.map(({ port }) => port),
      ]),
      [
        ["zookeeper", [2281]],
        ["kafka", [9093]],
        ["anyone", [6443, 443, 8443]],
      ],
    );
    const { metadata } = (await brokers()).template;
    assert.equal(metadata.labels["access.web-greetings/zookeeper"], "true");
  });

  it("applies topics in a Job without a fixed name, which a changed topic replaces", async () => {
    const changed = [{ name: "web-greetings", partitions: 12, retentionHours: 168 }];
    const [before, after] = await Promise.all([
      plainRooms(),
      recordRooms({ kafka: { topics: changed } }),
    ]);
    const job = inputsOf(before, "Job", "kafka-topics");
    assert.equal(job.metadata.name, undefined);
    assert.equal(job.spec.template.metadata.labels["access.web-greetings/kafka"], "true");
    assert.deepEqual(job.spec.template.spec.containers[0].args, ["topics"]);
    const files = [before, after].map(
      (resources) => inputsOf(resources, "ConfigMap", "kafka-topics").data["topics.json"],
    );
    assert.notEqual(files[0], files[1]);
    assert.equal(inputsOf(before, "ConfigMap", "kafka-topics").metadata.name, undefined);
  });

  it("hands out an endpoint, and the names of its brokers and topics", async () => {
    let address = "";
    let topic = "";
    let hosts: readonly string[] = [];
    await record(async () => {
      const { kafka } = makeRooms();
      hosts = kafka.hosts;
      address = await settle(addressOf(kafka.endpoint));
      topic = await settle(kafka.topic("web-greetings"));
    });
    assert.equal(address, "kafka.kafka.svc:9093");
    assert.equal(topic, "web-greetings");
    assert.deepEqual(
      hosts,
      [0, 1, 2].map((n) => `kafka-${n}.kafka-brokers.kafka.svc`),
    );
  });

  it("fails when a topic is asked for that is not declared", async () => {
    await record(() => {
      const { kafka } = makeRooms();
      assert.throws(
        () => kafka.topic("orders"),
        new Error(
          'no topic "orders" is declared; allowed: web-greetings; ' +
            "declare it among the topics of the cluster",
        ),
      );
    });
  });

  it("fails when ZooKeeper is not what it runs on any more, before any object of its own", async () => {
    const resources = await record(() => {
      assert.throws(() => makeRooms({ kafka: { version: "4.1.0" } }), /cannot be version 4\.1\.0/);
    });
    assert.deepEqual(objectsIn(resources, "kafka"), []);
  });
});
