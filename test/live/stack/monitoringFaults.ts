import { addresses } from "../../../sandbox/addresses.ts";
import { type AppName, apps, type Stack } from "./fixture.ts";
import type { SmallVolume } from "./monitoringVolume.ts";
import { allReady } from "./scale.ts";

/** Something that breaks, whom it has to make known, and how it is put right again. */
export interface Fault {
  /** What happens, for people. */
  readonly what: string;
  /** Labels of the alert, all of them. */
  readonly labels: Readonly<Record<string, string>> & { readonly alertname: string };
  begin(): Promise<unknown>;
  end(): Promise<unknown>;
}

/** Five faults that do not touch each other; none of them loses anything. */
export function faultsOf(stack: Stack, volume: SmallVolume): readonly Fault[] {
  const scale = (kind: string, app: AppName, replicas: number) =>
    stack.kubectl("scale", `${kind}/${app}`, "-n", apps[app].namespace, `--replicas=${replicas}`);
  const back = async (kind: string, app: AppName, replicas: number) => {
    await scale(kind, app, replicas);
    await allReady(stack, app, replicas, 180);
  };
  /** Ends the last of three servers in a hurry, and has no other made in its place. */
  const take = async (app: "kafka" | "consul") => {
    await scale("statefulset", app, 2);
    const now = ["--force", "--grace-period=0", "--ignore-not-found"];
    await stack.kubectl("delete", "pod", "-n", apps[app].namespace, `${app}-2`, ...now);
  };
  return [
    {
      what: "a broker is killed",
      labels: { alertname: "KafkaBrokerMissing", severity: "warning", room: "kafka" },
      begin: () => take("kafka"),
      end: () => back("statefulset", "kafka", 3),
    },
    {
      what: "a server of Consul is killed",
      labels: { alertname: "ConsulQuorumAtRisk", severity: "warning", room: "consul" },
      begin: () => take("consul"),
      end: () => back("statefulset", "consul", 3),
    },
    {
      // An autoscaler lets a number of 0 be.
      what: "the Workers go to 0",
      labels: { alertname: "NoWorker", severity: "critical", room: "greetings" },
      begin: () => scale("deployment", "worker", 0),
      end: () => back("deployment", "worker", 1),
    },
    {
      what: "the API goes to 0, and leaves the edge alone",
      labels: { alertname: "EdgeWithoutUpstream", severity: "critical", room: "edge" },
      begin: () => scale("deployment", "api", 0),
      end: () => back("deployment", "api", 2),
    },
    {
      what: "a volume is filled",
      labels: {
        ...{ alertname: "VolumeFills", severity: "warning", room: "kubernetes", job: "kubelet" },
        ...{ instance: addresses.nodeName, node: addresses.nodeName, ...volume.labels },
      },
      begin: () => volume.fill(),
      end: () => volume.remove(),
    },
  ];
}
