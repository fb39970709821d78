import assert from "node:assert/strict";
import type { Recorded } from "../../mocks.ts";
import { inputsOf, objectsIn } from "../rooms.ts";
import { recordPrometheus } from "./fixture.ts";

describe("Prometheus' rights", () => {
  let small: Recorded[];

  before(async () => {
    small = await recordPrometheus();
  });

  it("may find pods where its targets are, and the API servers, and nothing elsewhere", () => {
    for (const namespace of ["mills", "kube-system", "default"]) {
      const objects = objectsIn(small, namespace).filter((one) => /^(Cluster)?Role /.test(one));
      const roles = { mills: ["mill", "sack"], "kube-system": ["coredns"] };
      const of = roles[namespace as keyof typeof roles] ?? ["api-servers"];
      assert.deepEqual(
        objects,
        of.map((job) => `Role prometheus-${job}`),
      );
    }
    const pods = [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }];
    assert.deepEqual(inputsOf(small, "Role", "prometheus-mill").rules, pods);
    assert.deepEqual(inputsOf(small, "RoleBinding", "prometheus-mill").subjects, [
      { kind: "ServiceAccount", name: "prometheus", namespace: "prometheus" },
    ]);
    assert.deepEqual(inputsOf(small, "ClusterRole", "prometheus-nodes").rules, [
      { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
      { nonResourceURLs: ["/metrics"], verbs: ["get"] },
    ]);
  });

  it("lets kube-state-metrics list what it tells of, and no secrets", () => {
    const { rules } = inputsOf(small, "ClusterRole", "prometheus-state");
    assert.deepEqual(rules, [
      {
        apiGroups: [""],
        resources: ["namespaces", "nodes", "persistentvolumeclaims", "persistentvolumes", "pods"],
        verbs: ["list", "watch"],
      },
      {
        apiGroups: ["apps"],
        resources: ["daemonsets", "deployments", "statefulsets"],
        verbs: ["list", "watch"],
      },
      {
        apiGroups: ["autoscaling"],
        resources: ["horizontalpodautoscalers"],
        verbs: ["list", "watch"],
      },
      { apiGroups: ["batch"], resources: ["jobs"], verbs: ["list", "watch"] },
      { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: ["list", "watch"] },
    ]);
    const { spec } = inputsOf(small, "Deployment", "prometheus-state").spec.template;
    const { args } = spec.containers[0];
    const told = args.find((one: string) => one.startsWith("--resources="));
    const listed: string[] = rules.flatMap((rule: { resources: string[] }) => rule.resources);
    assert.equal(told, `--resources=${listed.toSorted().join(",")}`);
  });

  it("lets node-exporters read their node, in a namespace for nothing else, and write nothing", () => {
    const { labels } = inputsOf(small, "Namespace", "node-metrics").metadata;
    assert.equal(labels["pod-security.kubernetes.io/enforce"], "privileged");
    const room = inputsOf(small, "Namespace", "prometheus").metadata.labels;
    assert.equal(room["pod-security.kubernetes.io/enforce"], "restricted");
    const { spec } = inputsOf(small, "DaemonSet", "prometheus-node").spec.template;
    const host = spec.volumes.filter((volume: { hostPath?: object }) => volume.hostPath);
    assert.deepEqual(
      host.map((volume: { hostPath: { path: string } }) => volume.hostPath.path),
      ["/proc", "/sys"],
    );
    assert.deepEqual(
      spec.containers[0].volumeMounts.map((mount: { readOnly?: boolean }) => mount.readOnly),
      [true, true, true, true],
    );
    assert.deepEqual([spec.hostNetwork, spec.hostPID, spec.hostIPC], Array(3).fill(undefined));
    assert.deepEqual(spec.containers[0].securityContext, {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    });
  });
});
