import assert from "node:assert/strict";
import { readSetupSettings } from "../../../apps/consul-setup/src/settings.ts";
import { inputsOf, plainRooms } from "../rooms.ts";

async function deployment() {
  return inputsOf(await plainRooms(), "Deployment", "consul-set-up").spec;
}

async function podSpec() {
  return (await deployment()).template.spec;
}

describe("the set-up of Consul", () => {
  it("is one pod, which is gone before another with another declaration starts", async () => {
    const { replicas, strategy, progressDeadlineSeconds } = await deployment();
    assert.deepEqual([replicas, strategy], [1, { type: "Recreate" }]);
    // Longer than the program waits for Consul, shorter than the engine waits for the pod.
    assert.equal(progressDeadlineSeconds, 540);
  });

  it("is another pod when its declaration, its secrets or its certificate change", async () => {
    const { annotations } = (await deployment()).template.metadata;
    assert.deepEqual(
      Object.keys(annotations).sort(),
      ["certificate", "config", "secrets"].map((of) => `checksum.web-greetings/${of}`),
    );
  });

  it("is ready when the program says that all is made", async () => {
    const [{ ports, startupProbe, livenessProbe, readinessProbe }] = (await podSpec()).containers;
    assert.deepEqual(ports, [{ name: "health", containerPort: 9090, protocol: "TCP" }]);
    const paths = [startupProbe, livenessProbe, readinessProbe].map(
      ({ httpGet: { path, port } }) => `${port}${path}`,
    );
    assert.deepEqual(paths, ["health/livez", "health/livez", "health/readyz"]);
  });

  it("is told where everything is, as the program reads it", async () => {
    const [{ env }] = (await podSpec()).containers;
    const environment = Object.fromEntries(
      env.map(({ name, value }: { name: string; value: string }) => [name, value]),
    );
    const folder = "/etc/consul-setup";
    assert.deepEqual(environment, {
      CONSUL_ADDRESS: "consul.consul.svc:8501",
      CONSUL_CA_FILE: `${folder}/tls/ca.crt`,
      CONSUL_CERT_FILE: `${folder}/tls/tls.crt`,
      CONSUL_KEY_FILE: `${folder}/tls/tls.key`,
      ACL_FILE: `${folder}/config/acl.json`,
      SECRETS_FOLDER: `${folder}/secrets`,
      REVIEWER_FOLDER: `${folder}/reviewer`,
      ADMIN_PORT: "9090",
    });
    assert.doesNotThrow(() => readSetupSettings(environment));
  });

  it("has every folder that it is told of", async () => {
    const { containers, volumes } = await podSpec();
    const [{ volumeMounts }] = containers;
    const mounts = volumeMounts.map(({ name, mountPath, readOnly }: never) => [
      name,
      mountPath,
      readOnly,
    ]);
    assert.deepEqual(
      mounts,
      ["config", "secrets", "reviewer", "tls"].map((name) => [
        name,
        `/etc/consul-setup/${name}`,
        true,
      ]),
    );
    assert.deepEqual(
      volumes.map(({ name }: { name: string }) => name),
      ["config", "secrets", "reviewer", "tls"],
    );
  });
});

describe("Consul's reviewer", () => {
  it("may have tokens reviewed and read service accounts, nothing else", async () => {
    const resources = await plainRooms();
    assert.deepEqual(inputsOf(resources, "ClusterRole", "consul-reviewer").rules, [
      { apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] },
      { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["get"] },
    ]);
    assert.deepEqual(inputsOf(resources, "ClusterRoleBinding", "consul-reviewer").subjects, [
      { kind: "ServiceAccount", name: "consul-reviewer", namespace: "consul" },
    ]);
  });

  it("has a token without an end, which no pod but the set-up's is given", async () => {
    const resources = await plainRooms();
    const { type, metadata } = inputsOf(resources, "Secret", "consul-reviewer");
    assert.equal(type, "kubernetes.io/service-account-token");
    assert.equal(metadata.annotations["kubernetes.io/service-account.name"], "consul-reviewer");
    const holders = resources.filter(({ inputs }) =>
      JSON.stringify(inputs).includes('"secretName":"consul-reviewer"'),
    );
    assert.deepEqual(
      holders.map(({ name }) => name),
      ["consul-set-up"],
    );
  });
});
