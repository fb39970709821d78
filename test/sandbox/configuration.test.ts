import assert from "node:assert/strict";
import { parse } from "yaml";
import {
  renderContainerd,
  renderHosts,
  renderKubeconfig,
  renderKubelet,
  renderNetwork,
  renderProxy,
  renderRegistry,
} from "../../sandbox/configuration.ts";

describe("configuration", () => {
  it("names context, cluster and user of a kubeconfig alike", () => {
    const args = { name: "sandbox", authority: "Y2E=", certificate: "Y3J0", key: "a2V5" };
    assert.deepEqual(parse(renderKubeconfig(args)), {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "sandbox",
          cluster: { server: "https://10.200.0.1:6443", "certificate-authority-data": "Y2E=" },
        },
      ],
      users: [
        {
          name: "sandbox",
          user: { "client-certificate-data": "Y3J0", "client-key-data": "a2V5" },
        },
      ],
      contexts: [{ name: "sandbox", context: { cluster: "sandbox", user: "sandbox" } }],
      "current-context": "sandbox",
    });
  });

  it("has containerd take the pause image and everything else from the local registry", () => {
    const text = renderContainerd({
      root: "/c/root",
      state: "/c/state",
      socket: '/c/a "b".sock',
      networks: "/c/networks",
      plugins: "/c/plugins",
      registries: "/c/registries",
      pauseImage: "registry.k8s.io/pause:1",
    });
    for (const line of [
      'address = "/c/a \\"b\\".sock"',
      'sandbox_image = "registry.k8s.io/pause:1"',
      "restrict_oom_score_adj = true",
      'bin_dir = "/c/plugins"',
      'conf_dir = "/c/networks"',
      'config_path = "/c/registries"',
    ]) {
      assert.ok(text.split("\n").includes(line), line);
    }
    assert.equal(
      renderHosts(),
      `server = "http://localhost:5000"

[host."http://localhost:5000"]
capabilities = ["pull", "resolve"]
`,
    );
  });

  it("gives pods addresses of their own range", () => {
    const { plugins } = JSON.parse(renderNetwork("/leases", "/socket")) as {
      plugins: {
        type: string;
        bridge?: string;
        socket?: string;
        ipam?: { dataDir: string; ranges: unknown };
      }[];
    };
    assert.deepEqual(
      plugins.map(({ type }) => type),
      ["bridge", "firewall", "sandbox-policy"],
    );
    assert.equal(plugins[0]?.bridge, "wgpods0");
    assert.equal(plugins[2]?.socket, "/socket");
    assert.equal(plugins[0]?.ipam?.dataDir, "/leases");
    assert.deepEqual(plugins[0]?.ipam?.ranges, [[{ subnet: "10.201.0.0/16" }]]);
  });

  it("lets nobody into the kubelet who is not authenticated and authorized", () => {
    const kubelet = parse(
      renderKubelet({
        authority: "/ca.crt",
        certificate: "/k.crt",
        key: "/k.key",
        socket: "/c.sock",
        podLogs: "/logs",
        plugins: "/plugins",
      }),
    );
    assert.deepEqual(kubelet.authentication, {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: "/ca.crt" },
    });
    assert.deepEqual(kubelet.authorization, { mode: "Webhook" });
    assert.equal(kubelet.readOnlyPort, 0);
    assert.equal(kubelet.containerRuntimeEndpoint, "unix:///c.sock");
    assert.deepEqual(kubelet.clusterDNS, ["10.202.0.10"]);
  });

  it("leaves the machine's connection tracking as it is", () => {
    assert.deepEqual(parse(renderProxy("/k")).conntrack, {
      maxPerCore: 0,
      min: 0,
      tcpEstablishedTimeout: "0s",
      tcpCloseWaitTimeout: "0s",
    });
  });

  it("has the registry listen on loopback only", () => {
    assert.deepEqual(parse(renderRegistry("/r")).http, { addr: "127.0.0.1:5000" });
  });
});
