import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { record } from "../../mocks.ts";
import { inputsOf, makeRooms, objectsIn, plainRooms, recordRooms } from "../rooms.ts";

const apps = ["api", "worker"] as const;

describe("Greetings", () => {
  it("are these objects in their namespace and no others", async () => {
    const each = ["Deployment", "HorizontalPodAutoscaler", "NetworkPolicy", "PodDisruptionBudget"];
    const expected = [...each, "Secret", "ServiceAccount"].flatMap((kind) =>
      apps.map((app) => `${kind} greetings-${app}`),
    );
    assert.deepEqual(
      objectsIn(await plainRooms(), "greetings"),
      [...expected, "NetworkPolicy greetings-default", "Service greetings-api"].sort(),
    );
  });

  for (const app of apps) {
    it(`scale the ${app} by its autoscaler alone and roll it without fewer ready`, async () => {
      const { spec } = inputsOf(await plainRooms(), "Deployment", `greetings-${app}`);
      assert.equal("replicas" in spec, false);
      assert.deepEqual(spec.strategy, {
        type: "RollingUpdate",
        rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
      });
      const scaler = inputsOf(await plainRooms(), "HorizontalPodAutoscaler", `greetings-${app}`);
      assert.equal(scaler.spec.scaleTargetRef.name, app);
      const [metric] = scaler.spec.metrics;
      assert.deepEqual(metric.resource.target, { type: "AverageValue", averageValue: "500m" });
    });

    it(`give the ${app} a certificate of its own that serves no name`, async () => {
      const request = inputsOf(await plainRooms(), "CertRequest", `greetings-${app}`);
      assert.equal(request.subject.commonName, `greetings-${app}`);
      assert.deepEqual(request.dnsNames, []);
    });

    it(`let the ${app} talk to Kafka and to nobody else`, async () => {
      const resources = await plainRooms();
      const { egress, ingress } = inputsOf(resources, "NetworkPolicy", `greetings-${app}`).spec;
      assert.equal(egress.length, 1);
      assert.deepEqual(egress[0].ports, [{ protocol: "TCP", port: 9093 }]);
      const open = app === "api" ? [{ ports: [{ protocol: "TCP", port: 8080 }] }] : [];
      assert.deepEqual(ingress, open);
      const { labels } = inputsOf(resources, "Deployment", `greetings-${app}`).spec.template
        .metadata;
      assert.equal(labels["access.web-greetings/kafka"], "true");
      assert.equal("access.web-greetings/zookeeper" in labels, false);
    });
  }

  it("take the number of pods from their settings", async () => {
    const bounds = { api: { minReplicas: 4, maxReplicas: 9 } };
    const resources = await recordRooms({ greetings: bounds });
    const { spec } = inputsOf(resources, "HorizontalPodAutoscaler", "greetings-api");
    assert.deepEqual([spec.minReplicas, spec.maxReplicas], [4, 9]);
    const worker = inputsOf(resources, "HorizontalPodAutoscaler", "greetings-worker").spec;
    assert.deepEqual([worker.minReplicas, worker.maxReplicas], [1, 3]);
  });

  it("open the API on port 80 of every node's choice", async () => {
    const { spec } = inputsOf(await plainRooms(), "Service", "greetings-api");
    assert.equal(spec.type, "NodePort");
    assert.deepEqual(spec.ports, [{ name: "http", port: 80, targetPort: "http", protocol: "TCP" }]);
  });

  it("tell the apps where Kafka and the topic are, and no secret", async () => {
    const resources = await plainRooms();
    const [container] = inputsOf(resources, "Deployment", "greetings-api").spec.template.spec
      .containers;
    assert.deepEqual(container.env, [
      { name: "KAFKA_BROKERS", value: "kafka.kafka.svc:9093" },
      { name: "KAFKA_TOPIC", value: "web-greetings" },
      { name: "KAFKA_CA_FILE", value: "/etc/greetings/tls/ca.crt" },
      { name: "KAFKA_CERT_FILE", value: "/etc/greetings/tls/tls.crt" },
      { name: "KAFKA_KEY_FILE", value: "/etc/greetings/tls/tls.key" },
      { name: "ADMIN_PORT", value: "9090" },
      { name: "PORT", value: "8080" },
    ]);
  });

  const refused: [number, number][] = [
    [0, 3],
    [3, 2],
    [1.5, 3],
  ];
  for (const [minReplicas, maxReplicas] of refused) {
    it(`fail when there are to be ${minReplicas} to ${maxReplicas} Workers`, async () => {
      const resources = await record(() => {
        assert.throws(
          () => makeRooms({ greetings: { worker: { minReplicas, maxReplicas } } }),
          new pulumi.RunError(
            `worker cannot have ${minReplicas} to ${maxReplicas} replicas; ` +
              "allowed: whole numbers, at least 1, the most not below the fewest",
          ),
        );
      });
      assert.deepEqual(objectsIn(resources, "greetings"), []);
    });
  }
});
