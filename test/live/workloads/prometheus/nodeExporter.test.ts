import assert from "node:assert/strict";
import { paths } from "../../../../workloads/prometheus/config.ts";
import { freePort } from "../../../apps/broker.ts";
import { makeCertificates, type TrialTls } from "../../../apps/certificates.ts";
import { until } from "../../../until.ts";
import { recordPrometheus } from "../../../workloads/prometheus/fixture.ts";
import { inputsOf } from "../../../workloads/rooms.ts";
import { makeRoot } from "./programs.ts";
import { ask, putFiles, putTls, TrialPod, whyNoPod } from "./trialPod.ts";

describe("node-exporter as its pod starts it", function () {
  this.timeout(120_000);
  let tls: { readonly server: TrialTls; readonly client: TrialTls };
  let pod: TrialPod;
  let port: number;
  let page: string;

  before(async function () {
    const found = await makeRoot("nodeExporter");
    const reason = whyNoPod() ?? ("missing" in found ? found.missing : undefined);
    if (reason || "missing" in found) {
      console.log(`      skipped: ${reason}`);
      return this.skip();
    }
    const { root } = found;
    tls = makeCertificates(`${root}/tmp`);
    const resources = await recordPrometheus();
    putFiles(root, paths.config, inputsOf(resources, "ConfigMap", "prometheus-node").data);
    putTls(root, paths.tls, tls.server);
    // Paths in it are those of the pod.
    const web = "web.yml";
    const { [web]: text = "" } = inputsOf(resources, "ConfigMap", "prometheus-node").data;
    putFiles(root, paths.config, { [web]: text.replaceAll(paths.tls, `${root}${paths.tls}`) });
    port = await freePort();
    const { args } = inputsOf(resources, "DaemonSet", "prometheus-node").spec.template.spec
      .containers[0];
    const command = found.command("node_exporter");
    // This machine is the node, and its folders are where they are.
    pod = new TrialPod("/", { command, args }, {}, (one) =>
      one
        .replace("=/host/", "=/")
        .replace(paths.config, `${root}${paths.config}`)
        .replace(":9100", `:${port}`),
    );
    const answer = await until("it answers", 30, () =>
      ask(`https://127.0.0.1:${port}/metrics`, tls.client),
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${pod.said}`);
    });
    page = answer.body;
  });

  after(async () => {
    await pod?.stop();
  });

  it("answers nobody without a certificate", async () => {
    const asked = ask(`https://127.0.0.1:${port}/metrics`, tls.client, { strange: true });
    await assert.rejects(asked, /certificate required|ECONNRESET/);
  });

  it("may read as the pod's user all that it is to tell", () => {
    const collected = [
      ...page.matchAll(/^node_scrape_collector_success\{collector="(\w+)"\} (\d)/gm),
    ];
    assert.deepEqual(
      collected.map(([, name, success]) => `${name} ${success}`).toSorted(),
      [
        "cpu",
        "diskstats",
        "filefd",
        "filesystem",
        "loadavg",
        "meminfo",
        "pressure",
        "stat",
        "time",
        "uname",
        "vmstat",
      ].map((name) => `${name} 1`),
    );
  });

  it("tells of the node's own disk, and of no network", () => {
    const disks = [...page.matchAll(/^node_filesystem_avail_bytes\{.*mountpoint="([^"]*)"/gm)];
    assert.deepEqual(
      disks.map(([, mountpoint]) => mountpoint),
      ["/"],
    );
    assert.doesNotMatch(page, /^node_network/m);
  });
});
