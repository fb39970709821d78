import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import {
  renderLogback,
  renderProbe,
  renderStart,
  renderZooCfg,
  sizes,
} from "../../../workloads/zookeeper/config.ts";

const servers = ["a.zookeeper", "b.zookeeper", "c.zookeeper"];

function settings(text: string): Map<string, string> {
  const pairs = text
    .trimEnd()
    .split("\n")
    .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)] as const);
  const map = new Map(pairs);
  assert.equal(map.size, pairs.length, "a setting is there twice");
  return map;
}

describe("zoo.cfg", () => {
  const table: Record<string, string> = {
    secureClientPort: "2281",
    "ssl.clientAuth": "need",
    "ssl.protocol": "TLSv1.3",
    "enforce.auth.enabled": "true",
    "enforce.auth.schemes": "x509",
    clientPortAddress: "127.0.0.1",
    "admin.serverAddress": "127.0.0.1",
    "4lw.commands.whitelist": "ruok,srvr,mntr",
    sslQuorum: "true",
    "ssl.quorum.clientAuth": "need",
    "ssl.quorum.hostnameVerification": "true",
    "ssl.quorum.keyStore.location": "/quorum-tls/keystore.pem",
    "ssl.quorum.trustStore.location": "/quorum-tls/ca.crt",
    "fips-mode": "false",
    standaloneEnabled: "false",
    "autopurge.purgeInterval": "1",
    "metricsProvider.httpPort": "7000",
    "server.1": "a.zookeeper:2888:3888",
    "server.3": "c.zookeeper:2888:3888",
  };
  for (const [key, value] of Object.entries(table)) {
    it(`sets ${key} to ${value}`, () => {
      assert.equal(settings(renderZooCfg({ servers })).get(key), value);
    });
  }

  it("opens no port to others without TLS but the metrics", () => {
    const all = settings(renderZooCfg({ servers }));
    const listening = [...all].filter(([, value]) => value === "0.0.0.0").map(([key]) => key);
    assert.deepEqual(listening, ["metricsProvider.httpHost"]);
  });

  it("numbers any servers from 1 in their order, each once", () => {
    fc.assert(
      fc.property(fc.array(fc.domain(), { minLength: 1, maxLength: 7 }), (hosts) => {
        const all = settings(renderZooCfg({ servers: hosts }));
        const numbered = [...all].filter(([key]) => key.startsWith("server."));
        assert.deepEqual(
          numbered,
          hosts.map((host, i) => [`server.${i + 1}`, `${host}:2888:3888`]),
        );
      }),
    );
  });
});

describe("start of a ZooKeeper server", () => {
  it("takes its number from the pod's name, one more than the ordinal", () => {
    const number = renderStart().split("\n")[0]?.replace(/ > .*/, "") ?? "";
    const run = (pod: string) =>
      spawnSync("bash", ["-ec", number], { env: { ...process.env, HOSTNAME: pod } });
    assert.equal(run("zookeeper-0").stdout.toString(), "1\n");
    assert.equal(run("zookeeper-12").stdout.toString(), "13\n");
  });

  it("gives its place to the server, so that signals reach it", () => {
    assert.match(renderStart(), /\nexec zkServer\.sh start-foreground\n$/);
  });
});

describe("probe of a ZooKeeper server", () => {
  const answers: [string, boolean][] = [
    ["Zookeeper version: 3.9.4\nMode: leader\nNode count: 5", true],
    ["Zookeeper version: 3.9.4\nMode: follower\nNode count: 5", true],
    ["This ZooKeeper instance is not currently serving requests", false],
    ["Zookeeper version: 3.9.4\nMode: standalone\nNode count: 5", false],
    ["", false],
  ];
  for (const [answer, ready] of answers) {
    it(`${ready ? "succeeds" : "fails"} when the answer is ${JSON.stringify(answer)}`, () => {
      const test = renderProbe("srvr", "*Mode:\\ @(leader|follower)*").split("\n")[3] ?? "";
      const { status } = spawnSync("bash", ["-ec", `answer=$ANSWER; ${test}`], {
        env: { ...process.env, ANSWER: answer },
      });
      assert.equal(status === 0, ready);
    });
  }

  it("fails when nothing listens", () => {
    const script = renderProbe("ruok", "imok").replace("2181", "1");
    assert.notEqual(spawnSync("bash", ["-ec", script]).status, 0);
  });
});

describe("sizes of ZooKeeper", () => {
  for (const [scale, { heapMiB, memoryMiB }] of Object.entries(sizes)) {
    it(`leave room beside the heap on a ${scale} target`, () => {
      assert.ok(memoryMiB - heapMiB >= 128, `${memoryMiB} MiB for a heap of ${heapMiB}`);
    });
  }

  it("are logged about to the console alone", () => {
    assert.deepEqual(renderLogback().match(/<appender name="\w+"/g), ['<appender name="CONSOLE"']);
  });
});
