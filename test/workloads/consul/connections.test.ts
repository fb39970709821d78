import assert from "node:assert/strict";
import { inputsOf, plainRooms } from "../rooms.ts";

describe("Consul's network policies", () => {
  const members = { matchLabels: { "members.web-greetings/consul": "true" } };
  const ours = { matchLabels: { "app.kubernetes.io/part-of": "web-greetings" } };
  const access = (to: string) => ({ matchLabels: { [`access.web-greetings/${to}`]: "true" } });
  const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: "TCP", port }));
  const udp = (port: number) => ({ protocol: "UDP", port });
  const gossipPorts = [...tcp(8301), udp(8301)];
  const serverPorts = [...tcp(8300), ...gossipPorts, ...tcp(8302), udp(8302)];

  it("let servers talk to members and Kubernetes, and be asked by the set-up", async () => {
    const { spec } = inputsOf(await plainRooms(), "NetworkPolicy", "consul");
    assert.deepEqual(spec.ingress, [
      {
        from: [{ namespaceSelector: ours, podSelector: access("consul-servers") }],
        ports: tcp(8501),
      },
      { from: [{ podSelector: members }], ports: serverPorts },
    ]);
    assert.deepEqual(spec.egress, [
      { to: [{ podSelector: members }], ports: serverPorts },
      { ports: tcp(6443, 443, 8443) },
    ]);
  });

  it("let agents serve and check who carries their access label, and not ask Kubernetes", async () => {
    const { spec } = inputsOf(await plainRooms(), "NetworkPolicy", "consul-agent");
    const clients = { namespaceSelector: ours, podSelector: access("consul") };
    assert.deepEqual(spec.ingress, [
      { from: [clients], ports: [...tcp(8501, 8600), udp(8600)] },
      { from: [{ podSelector: members }], ports: gossipPorts },
    ]);
    const servers = {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "consul" } },
      podSelector: {
        matchLabels: {
          "app.kubernetes.io/name": "consul",
          "app.kubernetes.io/instance": "consul",
          "app.kubernetes.io/component": "server",
          "app.kubernetes.io/part-of": "web-greetings",
        },
      },
    };
    assert.deepEqual(spec.egress, [
      { to: [servers], ports: tcp(8300) },
      { to: [{ podSelector: members }], ports: gossipPorts },
      { to: [clients] },
    ]);
  });

  it("let the set-up talk to the servers and to nobody else", async () => {
    const { spec } = inputsOf(await plainRooms(), "NetworkPolicy", "consul-set-up");
    assert.deepEqual(spec.ingress, []);
    assert.equal(spec.egress.length, 1);
    const [{ to, ports }] = spec.egress;
    assert.deepEqual(ports, tcp(8501));
    assert.equal(to[0].podSelector.matchLabels["app.kubernetes.io/component"], "server");
  });

  it("meet pods with the labels that they name, and nobody else has them", async () => {
    const labelled = async (label: string) => {
      const all = [
        ["StatefulSet", "consul"],
        ["DaemonSet", "consul-agent"],
        ["Deployment", "consul-set-up"],
      ] as const;
      const labels = await Promise.all(
        all.map(
          async ([kind, name]) =>
            inputsOf(await plainRooms(), kind, name).spec.template.metadata.labels,
        ),
      );
      return all.filter((_, n) => labels[n][label] === "true").map(([, name]) => name);
    };
    assert.deepEqual(await labelled("members.web-greetings/consul"), ["consul", "consul-agent"]);
    assert.deepEqual(await labelled("access.web-greetings/consul-servers"), ["consul-set-up"]);
    assert.deepEqual(await labelled("access.web-greetings/consul"), []);
  });
});
