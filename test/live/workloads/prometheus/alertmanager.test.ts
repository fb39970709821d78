import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { paths } from "../../../../workloads/prometheus/config.ts";
import type { Receiver } from "../../../../workloads/prometheus/index.ts";
import { freePort } from "../../../apps/broker.ts";
import { makeCertificates, type TrialTls } from "../../../apps/certificates.ts";
import { until } from "../../../until.ts";
import { recordPrometheus } from "../../../workloads/prometheus/fixture.ts";
import { inputsOf } from "../../../workloads/rooms.ts";
import { makeRoot, type ProgramRoot } from "./programs.ts";
import { ask, type Declared, putFiles, putTls, TrialPod, whyNoPod } from "./trialPod.ts";

/** A post as a receiver got it. */
interface Post {
  readonly path: string;
  readonly text: string;
}

const hosts = [0, 1, 2].map((ordinal) => ({
  ip: `127.0.2.${ordinal + 1}`,
  name: `alertmanager-${ordinal}.alertmanager-servers.prometheus.svc`,
}));

const alert = (
  alertname: string,
  severity: string,
  more: Readonly<Record<string, string>> = {},
) => ({
  labels: { alertname, severity, room: "trial", ...more },
  annotations: { summary: `${alertname} it is`, runbook_url: `docs/runbooks/${alertname}.md` },
});

describe("three Alertmanagers as their pods start them", function () {
  this.timeout(180_000);
  let programs: ProgramRoot;
  let tls: { readonly server: TrialTls; readonly client: TrialTls };
  let receiver: Server;
  let container: Declared;
  let pods: readonly TrialPod[] = [];
  let config: Readonly<Record<string, string>>;
  const posts: Post[] = [];

  before(async function () {
    const found = await makeRoot("alertmanager");
    const reason = whyNoPod() ?? ("missing" in found ? found.missing : undefined);
    if (reason || "missing" in found) {
      console.log(`      skipped: ${reason}`);
      return this.skip();
    }
    programs = found;
    const { root } = programs;
    tls = makeCertificates(`${root}/tmp`);
    const port = await freePort();
    receiver = createServer(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      posts.push({ path: `${request.url}`, text });
      response.end("ok");
    }).listen(port, "127.0.0.1");
    const url = (path: string) => `http://127.0.0.1:${port}/${path}`;
    const resources = await recordPrometheus(
      () => ({
        receivers: [
          { kind: "webhook", url: url("people") },
          { kind: "slack", channel: "#alerts", url: url("slack") },
          { kind: "deadMansSwitch", url: url("switch") },
        ] satisfies Receiver[],
      }),
      "full",
    );
    config = inputsOf(resources, "ConfigMap", "prometheus-alertmanager").data;
    // Its own name is all that this certificate lacks of the real one.
    putFiles(root, paths.config, {
      ...config,
      "cluster.yml": `${config["cluster.yml"]}`.replace("alertmanager.prometheus.svc", "localhost"),
    });
    putTls(root, paths.tls, tls.server);
    const secrets = ["webhook-0", "slack-1", "deadMansSwitch-2"];
    const values = ["people", "slack", "switch"].map((path) => `http://127.0.0.1:${port}/${path}`);
    putFiles(
      root,
      paths.secrets,
      Object.fromEntries(secrets.map((name, index) => [name, `${values[index]}`])),
    );
    appendFileSync(
      join(root, "etc/hosts"),
      hosts.map(({ ip, name }) => `${ip} ${name}\n`).join(""),
    );
    const { spec } = inputsOf(resources, "StatefulSet", "prometheus-alertmanager").spec.template;
    container = spec.containers[0];
    pods = hosts.map(({ ip }, ordinal) => start(root, ip, ordinal));
    await until("they have found each other", 60, async () => {
      const seen = await Promise.all(hosts.map(({ ip }) => get(ip, "status")));
      return seen.every(({ cluster }) => cluster.peers.length === 3 && cluster.status === "ready");
    });
  });

  after(async () => {
    await Promise.all(pods.map((pod) => pod.stop()));
    receiver?.close();
    receiver?.closeAllConnections();
  });

  function start(root: string, ip: string, ordinal: number): TrialPod {
    const data = `${paths.alertmanager}-${ordinal}`;
    putFiles(root, data, {});
    return new TrialPod(root, container, {}, (text) =>
      text
        .replace("0.0.0.0", ip)
        .replace("$(POD_IP)", ip)
        .replace(`--storage.path=${paths.alertmanager}`, `--storage.path=${data}`),
    );
  }

  const get = async (ip: string, path: string) => {
    const { status, body } = await ask(`https://${ip}:9093/api/v2/${path}`, tls.client);
    assert.equal(status, 200, body);
    return JSON.parse(body);
  };
  /** Tells all of them, as every Prometheus does. */
  const tell = (body: readonly object[]) =>
    Promise.all(
      hosts.map(({ ip }) =>
        ask(`https://${ip}:9093/api/v2/alerts`, tls.client, { method: "POST", body }),
      ),
    );
  /** Names of alerts that a receiver got, a name for each post. */
  const got = (path: string) =>
    posts
      .filter((post) => post.path === path)
      .map(({ text }) => JSON.parse(text).groupLabels.alertname)
      .toSorted();

  it("have a configuration that amtool takes", () => {
    const file = join(programs.root, paths.config, "alertmanager.yml");
    const { code, text } = programs.run("amtool", ["check-config", file]);
    assert.equal(code, 0, text);
    assert.match(text, /2 receivers/);
  });

  it("answer those who have a certificate, and nobody else", async () => {
    const url = `https://${hosts[0]?.ip}:9093/-/ready`;
    assert.equal((await ask(url, tls.client)).status, 200);
    await assert.rejects(
      ask(url, tls.client, { strange: true }),
      /certificate required|ECONNRESET/,
    );
  });

  it("deliver each alert once, those of a node that is down not at all", async () => {
    await tell([
      alert("Watchdog", "none"),
      alert("NodeDown", "critical", { node: "node-1" }),
      alert("PodCrashLoops", "warning", { node: "node-1", pod: "a" }),
      alert("KafkaOffline", "critical"),
      alert("TargetMissing", "warning", { node: "node-2", pod: "b" }),
      alert("TargetMissing", "warning", { node: "node-2", pod: "c" }),
    ]);
    const all = ["KafkaOffline", "NodeDown", "TargetMissing"];
    await until("people know", 60, () => got("/people").length >= all.length);
    // The others would deliver some 15 and 30 seconds later, had the first not.
    const rested = performance.now() + 35_000;
    await until("the others had their turn", 60, () => performance.now() > rested);
    assert.deepEqual(got("/people"), all);
    const grouped = posts.find(({ path, text }) => path === "/people" && text.includes('"c"'));
    assert.equal(JSON.parse(`${grouped?.text}`).alerts.length, 2);
  });

  it("say in Slack what it means and where to look", () => {
    const said = posts.filter(({ path }) => path === "/slack").map(({ text }) => text);
    assert.equal(said.length, 3);
    assert.ok(said.some((text) => text.includes("NodeDown it is (docs/runbooks/NodeDown.md)")));
  });

  it("tell the dead man's switch again and again, and nobody else, that they are there", async () => {
    await until("it was told twice", 120, async () => {
      await tell([alert("Watchdog", "none")]);
      return got("/switch").length >= 2;
    });
    assert.equal(got("/people").includes("Watchdog"), false);
  });
});
