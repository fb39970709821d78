import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { createServer, type Server } from "node:https";
import * as pulumi from "@pulumi/pulumi";
import { accessLabelsFor } from "../../../../workloads/kit/endpoint.ts";
import { paths } from "../../../../workloads/prometheus/config.ts";
import { freePort } from "../../../apps/broker.ts";
import { makeCertificates, type TrialTls } from "../../../apps/certificates.ts";
import { until } from "../../../until.ts";
import { recordPrometheus } from "../../../workloads/prometheus/fixture.ts";
import { inputsOf } from "../../../workloads/rooms.ts";
import { FakeKubernetes } from "./fakeKubernetes.ts";
import { makeRoot } from "./programs.ts";
import { ask, placeOf, putFiles, putTls, TrialPod, whyNoPod } from "./trialPod.ts";

const PAGE = "# TYPE mill_turns gauge\nmill_turns 0\n# TYPE other gauge\nother 1\n";
const labels = { "app.kubernetes.io/name": "mill" };

describe("Prometheus as its pod starts it", function () {
  this.timeout(180_000);
  let tls: { readonly server: TrialTls; readonly client: TrialTls };
  let kubernetes: FakeKubernetes;
  let mill: Server;
  let millPort: number;
  let port: number;
  let pod: TrialPod;
  let ready: readonly string[];
  const heard: IncomingHttpHeaders[] = [];

  before(async function () {
    const found = await makeRoot("prometheus");
    const reason = whyNoPod() ?? ("missing" in found ? found.missing : undefined);
    if (reason || "missing" in found) {
      console.log(`      skipped: ${reason}`);
      return this.skip();
    }
    const { root } = found;
    tls = makeCertificates(`${root}/tmp`);
    [millPort, port] = [await freePort(), await freePort()];
    mill = startMill();
    const common = { namespace: "mills", labels, ip: "127.0.0.1", ports: [millPort, 9999] };
    kubernetes = new FakeKubernetes(tls.server, "token-1", [
      { ...common, name: "mill-0", phase: "Running" },
      { ...common, name: "mill-done", phase: "Succeeded" },
      { ...common, name: "other", phase: "Running", labels: {} },
    ]);
    const resources = await recordPrometheus(() => ({ rooms: [millRoom()] }));
    putFiles(root, paths.config, inputsOf(resources, "ConfigMap", "prometheus").data);
    putTls(root, paths.tls, tls.server);
    putFiles(root, paths.prometheus, {});
    const [folder, name] = placeOf(paths.token);
    putFiles(root, folder, { [name]: "consul-1\n" });
    const ca = readFileSync(tls.server.caFile, "utf8");
    putFiles(root, paths.kubernetes, { token: "token-1", "ca.crt": ca, namespace: "prometheus" });
    const [container] = inputsOf(resources, "StatefulSet", "prometheus").spec.template.spec
      .containers;
    ready = container.readinessProbe.exec.command;
    const env = {
      POD_NAME: "prometheus-0",
      KUBERNETES_SERVICE_HOST: "127.0.0.1",
      KUBERNETES_SERVICE_PORT: `${await kubernetes.start()}`,
    };
    pod = new TrialPod(root, container, env, (text) => text.replaceAll("9090", `${port}`));
    await until("it is ready", 60, () => pod.probe(ready) === 0);
  });

  after(async () => {
    await pod?.stop();
    kubernetes?.stop();
    mill?.close();
    mill?.closeAllConnections();
  });

  /** What is asked: it wants a certificate, and says what else it was shown. */
  function startMill(): Server {
    const { caFile, certFile, keyFile } = tls.server;
    const files = { ca: [caFile], cert: [certFile], key: [keyFile] };
    const read = Object.entries(files).map(([key, [file = ""]]) => [key, readFileSync(file)]);
    const options = { ...Object.fromEntries(read), requestCert: true, rejectUnauthorized: true };
    const server = createServer(options, (request, response) => {
      heard.push({ ...request.headers, url: request.url });
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(PAGE);
    });
    return server.listen(millPort, "127.0.0.1");
  }

  const millRoom = () => ({
    room: "mill",
    scrape: [
      {
        job: "mill",
        endpoint: {
          host: pulumi.output("localhost"),
          port: millPort,
          tls: true,
          accessLabels: accessLabelsFor("mill"),
          server: { namespace: "mills", labels },
        },
        path: "/stats",
        params: { format: "prometheus" },
        login: "consul" as const,
        intervalSeconds: 1,
        keep: "mill_.*",
      },
    ],
    dashboards: [],
    alerts: [
      {
        name: "MillStands",
        expr: "mill_turns == 0",
        forSeconds: 0,
        severity: "critical" as const,
        summary: "{{ $labels.pod }} stands",
      },
    ],
  });

  const get = async (path: string) => {
    const { status, body } = await ask(`https://127.0.0.1:${port}/api/v1/${path}`, tls.client);
    assert.equal(status, 200, body);
    return JSON.parse(body).data;
  };
  const query = async (expr: string) =>
    (await get(`query?query=${encodeURIComponent(expr)}`)).result;

  it("answers those who have a certificate, and nobody else", async () => {
    const url = `https://127.0.0.1:${port}/-/healthy`;
    assert.equal((await ask(url, tls.client)).status, 200);
    await assert.rejects(
      ask(url, tls.client, { strange: true }),
      /certificate required|ECONNRESET/,
    );
  });

  it("keeps as much as it was told, and names itself by its pod", async () => {
    const { storageRetention } = await get("status/runtimeinfo");
    assert.equal(storageRetention, "15d or 3GiB");
    const { yaml } = await get("status/config");
    assert.match(yaml, /prometheus_replica: prometheus-0/);
  });

  it("asks the pods that it finds, by its certificate and its token", async () => {
    const [up] = await until("the pod was asked", 60, async () => {
      const result = await query('up{job="mill"}');
      return result.length > 0 && result;
    });
    assert.equal(up.value[1], "1");
    assert.deepEqual(up.metric, {
      __name__: "up",
      job: "mill",
      instance: `127.0.0.1:${millPort}`,
      namespace: "mills",
      node: "node-1",
      pod: "mill-0",
    });
    const [{ authorization, url } = {}] = heard;
    assert.deepEqual([authorization, url], ["Bearer consul-1", "/stats?format=prometheus"]);
  });

  it("keeps the metrics that it is to keep", async () => {
    assert.equal((await query("mill_turns")).length, 1);
    assert.equal((await query("other")).length, 0);
  });

  it("fires what a room says, and the alert that always does", async () => {
    const alerts = await until("they fire", 60, async () => {
      const { alerts: all } = await get("alerts");
      const firing = all.filter((one: { state: string }) => one.state === "firing");
      return firing.length > 1 && firing;
    });
    const own = alerts.find(
      (one: { labels: { alertname: string } }) => one.labels.alertname === "MillStands",
    );
    assert.equal(own?.annotations.summary, "mill-0 stands");
    assert.deepEqual(
      alerts.map((one: { labels: { alertname: string } }) => one.labels.alertname).toSorted(),
      ["MillStands", "Watchdog"],
    );
  });
});
