import { images } from "../../../infra/versions.ts";

/** Namespace of the objects. */
export const namespace = "live-addons";

/** A pod that is not root, with a volume of the default class and a name of its own. */
export const objects = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "store", namespace },
    spec: { clusterIP: "None", selector: { app: "store" }, ports: [{ port: 80 }] },
  },
  {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "store", namespace },
    spec: {
      serviceName: "store",
      selector: { matchLabels: { app: "store" } },
      template: {
        metadata: { labels: { app: "store" } },
        spec: {
          securityContext: { runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 },
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: "store",
              image: images.node,
              command: [
                "node",
                "-e",
                'fs.appendFileSync("/data/log", "started "); setInterval(Date, 1e6)',
              ],
              resources: { requests: { cpu: "10m", memory: "32Mi" } },
              volumeMounts: [{ name: "data", mountPath: "/data" }],
            },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: "data" },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
        },
      ],
    },
  },
  {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "store", namespace },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "store" },
      maxReplicas: 2,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 100_000 } },
        },
      ],
    },
  },
];

const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } };
const claim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "short", namespace },
  spec,
};
const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "short", namespace },
  spec: {
    restartPolicy: "Never",
    containers: [
      {
        name: "short",
        image: images.node,
        command: ["true"],
        volumeMounts: [{ name: "data", mountPath: "/data" }],
      },
    ],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: "short" } }],
  },
};

/** A claim, and a pod that ends as soon as its volume is there. */
export const shortLived = [claim, pod];
