import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bundle } from "../../../apps/build.ts";
import { applyTopics } from "../../../apps/kafka-agent/src/topics.ts";
import { openAdmin } from "../../../apps/shared/kafka.ts";
import { freePort, startCluster, type TrialCluster, whyNoKafka } from "../../apps/broker.ts";
import { type AppProcess, startApp } from "../../apps/processes.ts";
import { askSecurely } from "../../apps/secure.ts";
import { until } from "../../until.ts";

const TOPIC = "web-greetings";
const GROUP = "web-greetings-worker";
const PARTITIONS = 3;

describe("the agent beside a broker", function () {
  this.timeout(300_000);
  let cluster: TrialCluster;
  let env: Record<string, string>;
  let jvm: Server;
  let port: number;
  const running: AppProcess[] = [];

  before(async function () {
    const reason = whyNoKafka();
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    cluster = await startCluster(1);
    const { caFile, certFile, keyFile } = cluster.tls;
    env = {
      KAFKA_BROKERS: cluster.secure.join(","),
      KAFKA_CA_FILE: caFile,
      KAFKA_CERT_FILE: certFile,
      KAFKA_KEY_FILE: keyFile,
      DRAIN_MS: "0",
    };
    const admin = openAdmin({ brokers: cluster.plain, tls: undefined, clientId: "test" });
    const declared = { name: TOPIC, partitions: PARTITIONS, replicas: 1, config: {} };
    await applyTopics(admin, [declared], {
      deadlineMs: 60_000,
      now: () => performance.now(),
      pause: (ms) => pause(ms),
      print: () => {},
    });
    await admin.close();
    jvm = createServer((_request, response) => response.end("jvm_memory_used_bytes 1\n"));
    await new Promise<void>((resolve) => jvm.listen(0, "127.0.0.1", resolve));
    port = await freePort();
    await start("kafka-agent", {
      POD_NAME: "kafka-0",
      READERS: `${GROUP}:${TOPIC}`,
      LAG_MS: "200",
      JVM_METRICS: `http://127.0.0.1:${(jvm.address() as AddressInfo).port}/metrics`,
      METRICS_PORT: `${port}`,
      METRICS_CA_FILE: caFile,
      METRICS_CERT_FILE: certFile,
      METRICS_KEY_FILE: keyFile,
    });
  });

  after(async () => {
    await Promise.all(running.splice(0).map((app) => app.stop("SIGKILL")));
    jvm?.closeAllConnections();
    jvm?.close();
    await cluster?.stop();
  });

  async function start(
    app: "api" | "worker" | "kafka-agent",
    more: Readonly<Record<string, string>> = {},
  ): Promise<AppProcess> {
    const args = app === "kafka-agent" ? ["watch"] : [];
    const started = await startApp(bundle(app), app, { ...env, ...more }, args);
    running.push(started);
    await until(`${app} is ready`, 60, async () => (await started.admin("/readyz")) === 200);
    return started;
  }

  async function metrics(path = "/metrics"): Promise<string> {
    return (await askSecurely(port, path, cluster.tls)).body;
  }

  /** Lag by partition; undefined where it has none. */
  async function lags(): Promise<(number | undefined)[]> {
    const page = await metrics();
    return Array.from({ length: PARTITIONS }, (_, partition) => {
      const labels = `group="${GROUP}",topic="${TOPIC}",partition="${partition}"`;
      const found = page.split(`kafka_consumer_group_lag{${labels}} `)[1];
      return found === undefined ? undefined : Number(found.split("\n", 1)[0]);
    });
  }

  async function publish(api: AppProcess, texts: number): Promise<void> {
    for (let n = 0; n < texts; n++) {
      const url = `http://127.0.0.1:${api.port}/api/publish/text-${n}`;
      assert.equal((await fetch(url, { method: "POST" })).status, 201);
    }
  }

  const sum = (of: readonly (number | undefined)[]) => of.reduce<number>((a, b) => a + (b ?? 0), 0);

  it("tells how far a group is behind: before it was there, when it reads, and when it is gone", async () => {
    await until("there is a lag", 30, async () => (await lags())[0] !== undefined);
    assert.deepEqual(await lags(), Array(PARTITIONS).fill(0));
    const api = await start("api");
    await publish(api, 20);
    await until("nothing is read", 20, async () => sum(await lags()) === 20);
    const worker = await start("worker");
    await until("all is read", 30, async () => sum(await lags()) === 0);
    await worker.stop("SIGKILL");
    await publish(api, 7);
    await until("the new ones are not", 20, async () => sum(await lags()) === 7);
    assert.ok((await lags()).every((lag) => lag !== undefined));
  });

  it("leaves the broker's JVM its agent before it knows the rack", () => {
    const context = bundle("kafka-agent");
    const folder = mkdtempSync(join(tmpdir(), "kafka-agent-"));
    const left = join(folder, "jmx.jar");
    const { status, stderr } = spawnSync(process.execPath, [join(context, "main.cjs"), "rack"], {
      env: {
        NODE_NAME: "node",
        RACK_FILE: join(folder, "rack"),
        JVM_AGENT_FILE: left,
        KUBERNETES_SERVICE_HOST: "127.0.0.1",
        KUBERNETES_SERVICE_PORT: "1",
        DEADLINE_MS: "1000",
      },
      encoding: "utf8",
    });
    // Kubernetes is not there, and we have no token for it.
    assert.equal(status, 1);
    assert.match(stderr, /^rack failed: /m);
    assert.ok(readFileSync(left).equals(readFileSync(join(context, "jmx.jar"))));
    rmSync(folder, { recursive: true });
  });

  it("passes the metrics of the broker's JVM on, and tells its own", async () => {
    assert.equal(await metrics("/jvm"), "jvm_memory_used_bytes 1\n");
    const page = await metrics();
    for (const line of ["kafka_cluster_brokers 1", "kafka_cluster_offline_partitions 0"]) {
      assert.ok(page.split("\n").includes(line), line);
    }
  });
});
