import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { images } from "../../../infra/versions.ts";
import { addresses } from "../../../sandbox/addresses.ts";
import type { Stack } from "./fixture.ts";

/** Of the volume, its claim, the claim's namespace and the pod that has it. */
const NAME = "full-volume";
const MIB = 16;

/**
 * A volume of a size of its own, which the sandbox's volumes have not: they are folders of the
 * machine's disk. It is in the machine's memory, and a pod mounts it as any other.
 */
export class SmallVolume {
  readonly #stack: Stack;
  readonly #folder: string;
  /** Labels by which the kubelet's numbers name it. */
  readonly labels = { namespace: NAME, persistentvolumeclaim: NAME };

  private constructor(stack: Stack, folder: string) {
    this.#stack = stack;
    this.#folder = folder;
  }

  /** Makes it, empty, and a pod that mounts it; resolves when the pod runs. */
  static async make(stack: Stack): Promise<SmallVolume> {
    const volume = new SmallVolume(stack, mkdtempSync(join(tmpdir(), "volume-")));
    const size = `size=${MIB}m,mode=1777`;
    mkdirSync(volume.#mounted);
    await stack.ask("mount", "-t", "tmpfs", "-o", size, "tmpfs", volume.#mounted);
    const file = join(volume.#folder, "objects.yaml");
    const objects = objectsOf(volume.#mounted);
    writeFileSync(file, objects.map((object) => stringify(object)).join("---\n"));
    await stack.kubectl("apply", "-f", file);
    await stack.kubectl("wait", "pod", NAME, "-n", NAME, "--for=condition=Ready", "--timeout=120s");
    return volume;
  }

  /** The pod writes until nothing fits any more. */
  async fill(): Promise<void> {
    const write = "head -c 1G /dev/zero >/data/fill || true";
    await this.#stack.kubectl("exec", "-n", NAME, NAME, "--", "sh", "-c", write);
  }

  /** Takes all of it away, also what was made in part. */
  async remove(): Promise<void> {
    const gone = ["--ignore-not-found", "--timeout=120s"];
    await this.#stack.kubectl("delete", "namespace", NAME, ...gone);
    await this.#stack.kubectl("delete", "persistentvolume", NAME, ...gone);
    await this.#stack.ask("umount", this.#mounted);
    rmSync(this.#folder, { recursive: true });
  }

  get #mounted(): string {
    return join(this.#folder, "volume");
  }
}

/** The volume with its claim, and a pod that has it. */
function objectsOf(folder: string): readonly object[] {
  const metadata = { name: NAME, namespace: NAME };
  const claim = { accessModes: ["ReadWriteOnce"], storageClassName: NAME };
  const size = { storage: `${MIB}Mi` };
  const node = { key: "kubernetes.io/hostname", operator: "In", values: [addresses.nodeName] };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAME } },
    {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: NAME },
      spec: {
        ...claim,
        capacity: size,
        local: { path: folder },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [node] }] } },
      },
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata,
      spec: { ...claim, volumeName: NAME, resources: { requests: size } },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: {
        securityContext: { runAsUser: 1000, runAsGroup: 1000 },
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: "store",
            image: images.node,
            command: ["sleep", "infinity"],
            volumeMounts: [{ name: "data", mountPath: "/data" }],
          },
        ],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: NAME } }],
      },
    },
  ];
}
