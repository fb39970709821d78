import type { SandboxPaths } from "../paths.ts";
import { ask } from "./ask.ts";
import { policyPlaces } from "./places.ts";

/** Throws with the reason where network policies are not enforced as they are now. */
export async function askHealth(paths: SandboxPaths): Promise<void> {
  const { error } = await ask(policyPlaces(paths).socket, { command: "health" }, 5);
  if (error !== undefined) throw new Error(error);
}
