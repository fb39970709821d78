import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import {
  renderAgent,
  renderAgentReady,
  renderAlive,
  renderCurl,
  renderSecrets,
  renderServer,
  renderServerReady,
  renderStart,
} from "../../../workloads/consul/config.ts";

const args = { datacenter: "dc1", domain: "consul" };

const tls = (folder: string) => ({
  ca_file: `${folder}/ca.crt`,
  cert_file: `${folder}/tls.crt`,
  key_file: `${folder}/tls.key`,
  verify_incoming: true,
  verify_outgoing: true,
});

const shared = {
  datacenter: "dc1",
  domain: "consul",
  data_dir: "/consul/data",
  bind_addr: "0.0.0.0",
  client_addr: "0.0.0.0",
  retry_join: ["consul-servers.consul.svc"],
  retry_interval: "2s",
  retry_max: 0,
  leave_on_terminate: true,
  disable_update_check: true,
  log_json: true,
  telemetry: { prometheus_retention_time: "60s", disable_hostname: true },
  tls: {
    defaults: { ...tls("/consul/tls"), tls_min_version: "TLSv1_3" },
    internal_rpc: { ...tls("/consul/member-tls"), verify_server_hostname: true },
  },
  acl: { enabled: true, default_policy: "deny", down_policy: "extend-cache" },
};

describe("server.json", () => {
  it("is all of this", () => {
    assert.deepEqual(JSON.parse(renderServer({ ...args, replicas: 3 })), {
      ...shared,
      server: true,
      bootstrap_expect: 3,
      ui_config: { enabled: true },
      ports: {
        http: -1,
        https: 8501,
        grpc: -1,
        grpc_tls: 8503,
        dns: -1,
        server: 8300,
        serf_lan: 8301,
        serf_wan: 8302,
      },
      performance: { raft_multiplier: 1 },
      autopilot: { cleanup_dead_servers: true, min_quorum: 3 },
    });
  });

  it("expects as many servers as there are to be", () => {
    for (const replicas of [1, 3, 5, 7]) {
      const { bootstrap_expect, autopilot } = JSON.parse(renderServer({ ...args, replicas }));
      assert.deepEqual([bootstrap_expect, autopilot.min_quorum], [replicas, replicas]);
    }
  });
});

describe("agent.json", () => {
  it("is all of this", () => {
    assert.deepEqual(JSON.parse(renderAgent(args)), {
      ...shared,
      server: false,
      ports: { http: -1, https: 8501, grpc: -1, grpc_tls: -1, dns: 8600 },
      check_update_interval: "0s",
    });
  });

  it("is of the datacenter and the domain that it is given", () => {
    const { datacenter, domain } = JSON.parse(renderAgent({ datacenter: "ams", domain: "shop" }));
    assert.deepEqual([datacenter, domain], ["ams", "shop"]);
  });
});

describe("secrets.json", () => {
  it("holds the key and the tokens that the agent needs, and nothing else", () => {
    const secrets = renderSecrets({ gossipKey: "a2V5", tokens: { agent: "a", dns: "d" } });
    assert.deepEqual(JSON.parse(secrets), {
      encrypt: "a2V5",
      acl: { tokens: { agent: "a", dns: "d" } },
    });
  });
});

/** Runs a script with programs of ours in the place of those that it calls; what they print. */
function run(script: string, programs: Record<string, string>, env: Record<string, string> = {}) {
  const functions = Object.entries(programs).map(([name, body]) => `${name}() { ${body}; }\n`);
  return spawnSync("bash", ["-ec", `${functions.join("")}${script}`], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
}

describe("start of an agent", () => {
  it("reads both folders and goes by the pod's name and address", () => {
    const script = renderStart().replace("exec consul", "printf '%s\\n'");
    const { stdout } = run(script, {}, { POD_NAME: "consul-2", POD_IP: "192.0.2.7" });
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "agent",
      "-config-dir=/consul/config",
      "-config-dir=/consul/secrets",
      "-node=consul-2",
      "-advertise=192.0.2.7",
    ]);
  });

  it("gives its place to the agent, so that signals reach it", () => {
    assert.match(renderStart(), /^exec consul agent /);
  });
});

describe("probes of an agent", () => {
  it("verify the certificate that they are shown, and show the pod's own", () => {
    assert.equal(
      renderCurl(),
      [
        "silent",
        "show-error",
        "fail",
        "max-time = 4",
        "cacert = /consul/tls/ca.crt",
        "cert = /consul/tls/tls.crt",
        "key = /consul/tls/tls.key\n",
      ].join("\n"),
    );
    const ask = "curl --config /consul/config/curl https://localhost:8501/v1/";
    for (const script of [renderAlive(), renderAgentReady(), renderServerReady()]) {
      assert.ok(script.includes(ask), script);
      assert.doesNotMatch(script, /insecure|-k\b|http:/);
    }
  });

  const answers: [string, boolean, boolean][] = [
    ["echo '\"192.0.2.7:8300\"'", true, true],
    ["echo '\"\"'", true, false],
    ["return 22", false, false],
  ];
  for (const [curl, alive, ready] of answers) {
    it(`of a client find it ${alive ? "" : "not "}alive, ${ready ? "" : "not "}ready when curl does \`${curl}\``, () => {
      assert.equal(run(renderAlive(), { curl }).status === 0, alive);
      assert.equal(run(renderAgentReady(), { curl }).status === 0, ready);
    });
  }

  it("of a server ask with the management token, which no process list shows", () => {
    const args = run(renderServerReady(), {
      curl: "echo $* >&2",
      jq: "cat",
    }).stderr.trimEnd();
    assert.equal(
      args,
      "--config /consul/config/curl https://localhost:8501/v1/operator/raft/configuration " +
        "--header @/consul/secrets/header",
    );
  });

  it("of a server find it ready when it has a vote and the log, and only then", function () {
    if (spawnSync("jq", ["--version"]).status !== 0) this.skip();
    const server = fc.record({
      Node: fc.constantFrom("consul-0", "consul-1", "consul-2"),
      Voter: fc.boolean(),
      LastIndex: fc.integer({ min: 1000, max: 1500 }),
    });
    const raft = fc.uniqueArray(server, { selector: ({ Node }) => Node, maxLength: 3 });
    fc.assert(
      fc.property(raft, (Servers) => {
        const curl = `echo '${JSON.stringify({ Servers })}'`;
        const { status } = run(renderServerReady(), { curl }, { POD_NAME: "consul-1" });
        const last = Math.max(...Servers.map(({ LastIndex }) => LastIndex));
        const isReady = Servers.some(
          ({ Node, Voter, LastIndex }) => Node === "consul-1" && Voter && last - LastIndex <= 250,
        );
        assert.equal(status === 0, isReady);
      }),
      { numRuns: 40 },
    );
    for (const curl of ["return 22", "echo '{\"Servers\":null}'"]) {
      const { status } = run(renderServerReady(), { curl }, { POD_NAME: "consul-1" });
      assert.notEqual(status, 0, curl);
    }
  });
});
