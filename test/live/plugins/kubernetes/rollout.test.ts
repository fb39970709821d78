import assert from "node:assert/strict";
import { until } from "../../../until.ts";
import { kubectl, type Live, requireLive, Scratch } from "../../harness.ts";
import { freshNamespace, program } from "./program.ts";

const IMAGE = "registry.k8s.io/pause:3.10.1";
const SHELL = "docker.io/library/node:24.11.1-bookworm-slim";
const UNREADY = "readinessProbe: { tcpSocket: { port: 1 }, periodSeconds: 1 }";

describe("kubernetes plugin: rollouts", function () {
  this.timeout(300_000);
  const namespace = freshNamespace();
  let live: Live;
  let scratch: Scratch;

  before(async function () {
    live = requireLive(this);
    scratch = await Scratch.create("plugin-rollout", live);
  });

  after(async () => {
    await scratch?.dispose();
  });

  const deployment = (timeout: number, container: string, replicas = 1) => `
    const labels = { app: "web" };
    const web = new k8s.apps.v1.Deployment("web", {
      metadata: {
        namespace, name: "web", annotations: { "pulumi.com/timeoutSeconds": "${timeout}" },
      },
      spec: {
        replicas: ${replicas},
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 0,
            containers: [{ name: "web", ${container} }],
          },
        },
      },
    }, opts);
    exports.available = web.status.availableReplicas;`;
  const up = async (body: string) => {
    await scratch.write(program(live, namespace, body));
    return scratch.up();
  };
  const get = async (what: string, path: string) =>
    kubectl(live, "-n", namespace, "get", what, "-o", `jsonpath={${path}}`);

  it("reports an image that cannot be pulled, keeps the object, and carries on with it", async () => {
    const broken = await up(deployment(8, 'image: "docker.io/library/absent:1"'));
    assert.notEqual(broken.code, 0);
    assert.match(broken.stdout, /timed out after 8 s: 0 of 1 replicas are available/);
    assert.match(
      broken.stdout,
      /Pod web-\S+: container web is waiting: (ErrImagePull|ImagePullBackOff): .*absent/,
    );
    const state = JSON.parse(await scratch.export());
    const recorded = state.deployment.resources.find(
      ({ id }: { id?: string }) => id === `${namespace}/web`,
    );
    assert.equal(recorded.initErrors.length > 0, true);
    const before = await get("deployment/web", ".metadata.uid");
    const fixed = await up(deployment(60, `image: "${IMAGE}"`));
    assert.equal(fixed.code, 0, fixed.stdout);
    assert.equal(fixed.changes.update, 1);
    assert.equal(await get("deployment/web", ".metadata.uid"), before);
    assert.equal(await get("deployment/web", ".status.availableReplicas"), "1");
  });

  it("reports the last words of a container that crashes", async () => {
    const command = '["/bin/sh", "-c", "echo out of cheese > /dev/termination-log; exit 3"]';
    const container = `image: "${SHELL}", command: ${command}, ${UNREADY}`;
    const broken = await up(deployment(8, container));
    assert.notEqual(broken.code, 0);
    assert.match(broken.stdout, /exit code 3\): out of cheese/);
  });

  it("reports a readiness probe that fails", async () => {
    const broken = await up(deployment(8, `image: "${IMAGE}", ${UNREADY}`));
    assert.notEqual(broken.code, 0);
    assert.match(broken.stdout, /container web is running but not ready/);
    assert.match(broken.stdout, /Unhealthy: Readiness probe failed/);
  });

  it("reports a pod that finds no node", async () => {
    const resources = 'resources: { requests: { cpu: "4000" } }';
    const broken = await up(deployment(5, `image: "${IMAGE}", ${resources}`));
    assert.notEqual(broken.code, 0);
    assert.match(broken.stdout, /Unschedulable: .*Insufficient cpu/);
  });

  it("carries on after ctrl-C in the middle of a rollout", async () => {
    await scratch.write(
      program(live, namespace, deployment(200, `image: "${IMAGE}", ${UNREADY}`, 2)),
    );
    const running = scratch.start("up", "--yes", "--skip-preview");
    await until("second replica wanted", 60, async () => {
      return (await get("deployment/web", ".spec.replicas")) === "2";
    });
    const pressed = Date.now();
    running.interrupt();
    const cancelled = await running.done;
    assert.notEqual(cancelled.code, 0);
    assert.equal(Date.now() - pressed < 10_000, true, `took ${Date.now() - pressed} ms`);
    assert.match(cancelled.stdout, /cancelled after \d+ s while waiting/);
    const state = JSON.parse(await scratch.export());
    assert.deepEqual(state.deployment.pending_operations ?? [], []);
    const fixed = await up(deployment(60, `image: "${IMAGE}"`, 2));
    assert.equal(fixed.code, 0, fixed.stdout);
    assert.equal(await get("deployment/web", ".status.availableReplicas"), "2");
    const again = await scratch.up("--expect-no-changes");
    assert.equal(again.code, 0, again.stdout);
  });

  it("waits for a StatefulSet, a DaemonSet, a Job, a Service and a volume", async () => {
    const pods = `{ metadata: { labels }, spec: {
      terminationGracePeriodSeconds: 0, containers: [{ name: "main", image: "${IMAGE}" }],
    } }`;
    const run = await up(`
      const labels = { app: "set" };
      const spec = { selector: { matchLabels: labels }, template: ${pods} };
      new k8s.core.v1.Service("headless", {
        metadata: { namespace, name: "set" }, spec: { clusterIP: "None", selector: labels },
      }, opts);
      const set = new k8s.apps.v1.StatefulSet("set", {
        metadata: { namespace, name: "set" }, spec: { ...spec, serviceName: "set", replicas: 2 },
      }, opts);
      new k8s.core.v1.Service("service", {
        metadata: { namespace, name: "service" },
        spec: { selector: labels, ports: [{ port: 80 }] },
      }, opts);
      const daemon = new k8s.apps.v1.DaemonSet("daemon", { metadata: { namespace }, spec }, opts);
      new k8s.core.v1.PersistentVolumeClaim("claim", {
        metadata: { namespace },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
      }, opts);
      const job = new k8s.batch.v1.Job("job", {
        metadata: { namespace },
        spec: { template: { spec: {
          restartPolicy: "Never",
          containers: [{ name: "main", image: "${SHELL}", command: ["/bin/true"] }],
        } } },
      }, opts);
      exports.ready = pulumi.all([set.status, daemon.status, job.status]).apply(
        ([one, two, three]) => [one.readyReplicas, two.numberAvailable, three.succeeded]);`);
    assert.equal(run.code, 0, run.stdout);
    assert.match(await scratch.export(), /"ready":\s*\[\s*2,\s*1,\s*1\s*\]/);
    const again = await scratch.up("--expect-no-changes");
    assert.equal(again.code, 0, again.stdout);
    const refreshed = await scratch.preview("--refresh", "--expect-no-changes");
    assert.equal(refreshed.code, 0, refreshed.stdout);
  });

  it("fails at once when a Job has failed", async () => {
    const start = Date.now();
    const run = await up(`
      new k8s.batch.v1.Job("job", {
        metadata: { namespace },
        spec: { backoffLimit: 0, template: { spec: {
          restartPolicy: "Never",
          containers: [{ name: "main", image: "${SHELL}", command: ["/bin/false"] }],
        } } },
      }, opts);`);
    assert.notEqual(run.code, 0);
    assert.match(run.stdout, /the Job failed: BackoffLimitExceeded/);
    assert.match(run.stdout, /container main has ended: Error \(exit code 1\)/);
    assert.equal(Date.now() - start < 60_000, true);
  });
});
