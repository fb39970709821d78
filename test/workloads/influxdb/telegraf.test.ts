import assert from "node:assert/strict";
import { inputsOf, objectsIn } from "../rooms.ts";
import { plainInfluxDb } from "./record.ts";

describe("Telegraf", () => {
  it("is these objects on the nodes, in a namespace of their own", async () => {
    const resources = await plainInfluxDb();
    assert.deepEqual(objectsIn(resources, "telegraf"), [
      "ConfigMap telegraf",
      "DaemonSet telegraf",
      "NetworkPolicy telegraf",
      "NetworkPolicy telegraf-default",
      "Secret telegraf",
      "Secret telegraf-secrets",
      "ServiceAccount telegraf",
    ]);
    const labels = (name: string) => inputsOf(resources, "Namespace", name).metadata.labels;
    const enforce = "pod-security.kubernetes.io/enforce";
    assert.equal(labels("telegraf")[enforce], "privileged");
    assert.equal(labels("influxdb")[enforce], "restricted");
  });

  it("has of its node what the kernel tells, to read, and no right besides", async () => {
    const { spec } = inputsOf(await plainInfluxDb(), "DaemonSet", "telegraf");
    const pod = spec.template.spec;
    assert.deepEqual(
      pod.volumes.filter((volume: { hostPath?: object }) => volume.hostPath),
      [
        { name: "proc", hostPath: { path: "/proc", type: "Directory" } },
        { name: "sys", hostPath: { path: "/sys", type: "Directory" } },
      ],
    );
    const [container] = pod.containers;
    assert.deepEqual(
      container.volumeMounts.filter((mount: { readOnly?: boolean }) => mount.readOnly !== true),
      [],
    );
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    });
    assert.equal(pod.securityContext.runAsUser, 1000);
    for (const field of ["hostNetwork", "hostPID", "hostIPC"]) assert.equal(pod[field], undefined);
  });

  it("may ask kubelets for numbers and pods, and for nothing else", async () => {
    const resources = await plainInfluxDb();
    assert.deepEqual(inputsOf(resources, "ClusterRole", "telegraf-kubelet").rules, [
      { apiGroups: [""], resources: ["nodes/stats", "nodes/pods"], verbs: ["get"] },
    ]);
    const { subjects } = inputsOf(resources, "ClusterRoleBinding", "telegraf-kubelet");
    assert.deepEqual(subjects, [
      { kind: "ServiceAccount", name: "telegraf", namespace: "telegraf" },
    ]);
    const { spec } = inputsOf(resources, "NetworkPolicy", "telegraf");
    assert.deepEqual(
      spec.egress.map(({ ports }: { ports: { port: number }[] }) => ports.map(({ port }) => port)),
      [[8086], [10250]],
    );
  });

  it("is told its password in a secret file, which is all that is in it", async () => {
    const resources = await plainInfluxDb();
    const files = inputsOf(resources, "Secret", "telegraf-secrets").stringData.value;
    assert.deepEqual(Object.keys(files), ["output.conf"]);
    const text: string = files["output.conf"];
    assert.equal(
      text.replace(/password = "[0-9a-f]{32}"/, 'password = "P"'),
      [
        "[[outputs.influxdb]]",
        '  urls = ["https://influxdb.influxdb.svc:8086"]',
        '  database = "telegraf"',
        "  skip_database_creation = true",
        '  username = "telegraf"',
        '  password = "P"',
        '  timeout = "10s"',
        '  tls_ca = "/tls/ca.crt"',
        "",
      ].join("\n"),
    );
    const [container] = inputsOf(resources, "DaemonSet", "telegraf").spec.template.spec.containers;
    assert.deepEqual(container.command, [
      "/usr/bin/telegraf",
      "--config",
      "/etc/telegraf/telegraf.conf",
      "--config",
      "/secrets/output.conf",
    ]);
  });

  it("asks each server of ZooKeeper and Kafka by its name, from one pod alone", async () => {
    const resources = await plainInfluxDb();
    const { spec } = inputsOf(resources, "Deployment", "telegraf-services");
    assert.equal(spec.replicas, 1);
    assert.deepEqual(spec.strategy, { type: "Recreate" });
    const { labels } = spec.template.metadata;
    assert.deepEqual(
      Object.keys(labels)
        .filter((label) => label.startsWith("access."))
        .sort(),
      [
        "access.web-greetings/influxdb",
        "access.web-greetings/kafka-metrics",
        "access.web-greetings/zookeeper-metrics",
      ],
    );
    const conf: string = inputsOf(resources, "ConfigMap", "telegraf-services").data[
      "telegraf.conf"
    ];
    const urls = (of: string) => conf.split("\n").filter((line) => line.includes(`${of}-0.`));
    assert.deepEqual(urls("zookeeper"), [
      '  urls = ["http://zookeeper-0.zookeeper-servers.zookeeper.svc:7000/metrics",' +
        '"http://zookeeper-1.zookeeper-servers.zookeeper.svc:7000/metrics"]',
    ]);
    assert.deepEqual(urls("kafka"), [
      '  urls = ["https://kafka-0.kafka-servers.kafka.svc:9464/metrics",' +
        '"https://kafka-1.kafka-servers.kafka.svc:9464/metrics"]',
    ]);
  });

  it("rolls when a file, its password or its certificate changes", async () => {
    const resources = await plainInfluxDb();
    for (const [kind, name] of [
      ["DaemonSet", "telegraf"],
      ["Deployment", "telegraf-services"],
    ] as const) {
      const { annotations } = inputsOf(resources, kind, name).spec.template.metadata;
      assert.deepEqual(Object.keys(annotations).sort(), [
        "checksum.web-greetings/certificate",
        "checksum.web-greetings/config",
        "checksum.web-greetings/secrets",
      ]);
    }
  });
});
