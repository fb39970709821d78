import { join } from "node:path";
import type { SandboxPaths } from "../paths.ts";

/** Where the parts of the network policies are. */
export interface PolicyPlaces {
  /** Node.js, which runs both bundles. */
  readonly node: string;
  /** The bundled process that keeps the rules. */
  readonly program: string;
  /** The bundled CNI plugin that has pods wait for their rules. */
  readonly plugin: string;
  /** All CNI plugins, the machine's own as links; what containerd looks for them in. */
  readonly plugins: string;
  /** Which pod has which address; void after a reboot. */
  readonly bindings: string;
  /** Where the process answers. */
  readonly socket: string;
}

/** Name of our CNI plugin. */
export const pluginName = "sandbox-policy";

/** Lays out the files of the network policies; creates nothing. */
export function policyPlaces(paths: SandboxPaths): PolicyPlaces {
  const folder = join(paths.state, "policy");
  const run = join(paths.run, "policy");
  return {
    node: join(folder, "node"),
    program: join(folder, "main.cjs"),
    plugin: join(folder, "plugin.cjs"),
    plugins: join(folder, "cni"),
    bindings: join(run, "bindings.json"),
    socket: join(run, "socket"),
  };
}
