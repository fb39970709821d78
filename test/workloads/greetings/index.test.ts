import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Greetings } from "../../../workloads/greetings/index.ts";
import { addressOf, type Endpoint } from "../../../workloads/kit/endpoint.ts";
import { record, settle } from "../../mocks.ts";
import { inputsOf, makeRooms, objectsIn, plainRooms, recordRooms } from "../rooms.ts";

const apps = ["api", "worker"] as const;

const field = (fieldPath: string) => ({ fieldRef: { apiVersion: "v1", fieldPath } });

/** The token by which Consul knows a pod, for an hour each. */
const consulLogin = {
  name: "consul-login",
  projected: {
    defaultMode: 0o440,
    sources: [{ serviceAccountToken: { path: "token", expirationSeconds: 3600 } }],
  },
};

/** The pods of a server, as its clients' policies name them. */
function podsOf(namespace: string, name: string, component: string) {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector: {
      matchLabels: {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": "web-greetings",
      },
    },
  };
}

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

    it(`give the ${app} a certificate of its own that serves its own name`, async () => {
      const request = inputsOf(await plainRooms(), "CertRequest", `greetings-${app}`);
      assert.equal(request.subject.commonName, `greetings-${app}`);
      assert.deepEqual(request.dnsNames, [`greetings-${app}`]);
    });

    it(`let the ${app} talk to Kafka and to Consul's agents, and to nobody else`, async () => {
      const resources = await plainRooms();
      const { egress } = inputsOf(resources, "NetworkPolicy", `greetings-${app}`).spec;
      assert.deepEqual(egress, [
        { to: [podsOf("kafka", "kafka", "broker")], ports: [{ protocol: "TCP", port: 9093 }] },
        {
          to: [podsOf("consul", "consul", "agent")],
          ports: [
            { protocol: "TCP", port: 8501 },
            { protocol: "TCP", port: 8600 },
            { protocol: "UDP", port: 8600 },
          ],
        },
      ]);
      const { labels } = inputsOf(resources, "Deployment", `greetings-${app}`).spec.template
        .metadata;
      const access = Object.keys(labels).filter((label) => label.startsWith("access."));
      assert.deepEqual(access.sort(), [
        "access.web-greetings/consul",
        "access.web-greetings/kafka",
      ]);
    });

    it(`let the ${app} log in to Consul by its ServiceAccount alone`, async () => {
      const resources = await plainRooms();
      const { spec } = inputsOf(resources, "Deployment", `greetings-${app}`).spec.template;
      assert.equal(spec.automountServiceAccountToken, false);
      const tokens = spec.volumes.filter(({ projected }: { projected?: object }) => projected);
      assert.deepEqual(tokens, [consulLogin]);
      assert.equal(spec.serviceAccountName, app);
      const account = inputsOf(resources, "ServiceAccount", `greetings-${app}`);
      assert.deepEqual([account.metadata.name, account.metadata.namespace], [app, "greetings"]);
      const consumer = Greetings.consumers.find(({ serviceAccount }) => serviceAccount === app);
      assert.deepEqual(consumer, {
        name: app,
        namespace: "greetings",
        serviceAccount: app,
        registers: [app],
        reads: [],
      });
    });
  }

  it("open the API to its clients, its readiness to the agents, and the Worker to nobody", async () => {
    const resources = await plainRooms();
    const ingressOf = (app: string) =>
      inputsOf(resources, "NetworkPolicy", `greetings-${app}`).spec.ingress;
    const to = (access: string, port: number) => ({
      from: [
        {
          namespaceSelector: { matchLabels: { "app.kubernetes.io/part-of": "web-greetings" } },
          podSelector: { matchLabels: { [`access.web-greetings/${access}`]: "true" } },
        },
      ],
      ports: [{ protocol: "TCP", port }],
    });
    assert.deepEqual(ingressOf("api"), [
      to("api", 8080),
      { from: [podsOf("consul", "consul", "agent")], ports: [{ protocol: "TCP", port: 9090 }] },
    ]);
    assert.deepEqual(ingressOf("worker"), []);
  });

  it("take the number of pods from their settings", async () => {
    const bounds = { api: { minReplicas: 4, maxReplicas: 9 } };
    const resources = await recordRooms({ greetings: bounds });
    const { spec } = inputsOf(resources, "HorizontalPodAutoscaler", "greetings-api");
    assert.deepEqual([spec.minReplicas, spec.maxReplicas], [4, 9]);
    const worker = inputsOf(resources, "HorizontalPodAutoscaler", "greetings-worker").spec;
    assert.deepEqual([worker.minReplicas, worker.maxReplicas], [1, 3]);
  });

  it("hand out the API at port 8080, inside the cluster alone and in the clear", async () => {
    const { spec } = inputsOf(await plainRooms(), "Service", "greetings-api");
    assert.equal(spec.type, "ClusterIP");
    assert.deepEqual(spec.ports, [
      { name: "http", port: 8080, targetPort: "http", protocol: "TCP" },
    ]);
    let api: Endpoint | undefined;
    await record(async () => {
      api = makeRooms().greetings.api;
      assert.equal(await settle(addressOf(api)), "api.greetings.svc:8080");
    });
    assert.equal(api?.tls, false);
    assert.deepEqual(api?.accessLabels, { "access.web-greetings/api": "true" });
  });

  it("tell the apps where Kafka, the topic and Consul are, and no secret", async () => {
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
      { name: "METRICS_PORT", value: "9464" },
      { name: "METRICS_CA_FILE", value: "/etc/greetings/tls/ca.crt" },
      { name: "METRICS_CERT_FILE", value: "/etc/greetings/tls/tls.crt" },
      { name: "METRICS_KEY_FILE", value: "/etc/greetings/tls/tls.key" },
      { name: "CONSUL_ADDRESS", value: "consul-agent.consul.svc:8501" },
      { name: "CONSUL_CA_FILE", value: "/etc/greetings/tls/ca.crt" },
      { name: "CONSUL_CERT_FILE", value: "/etc/greetings/tls/tls.crt" },
      { name: "CONSUL_KEY_FILE", value: "/etc/greetings/tls/tls.key" },
      { name: "CONSUL_LOGIN_FILE", value: "/var/run/secrets/consul/token" },
      { name: "POD_NAME", valueFrom: field("metadata.name") },
      { name: "POD_IP", valueFrom: field("status.podIP") },
    ]);
  });

  it("have the Workers read in the group whose lag is measured", async () => {
    const resources = await plainRooms();
    const [container] = inputsOf(resources, "Deployment", "greetings-worker").spec.template.spec
      .containers;
    assert.deepEqual(
      container.env.filter(({ name }: { name: string }) => name === "KAFKA_GROUP"),
      [{ name: "KAFKA_GROUP", value: Greetings.workerGroup }],
    );
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
