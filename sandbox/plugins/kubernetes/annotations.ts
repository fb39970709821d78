import type { JsonMap } from "./json.ts";
import { annotation } from "./objects.ts";

/** How a deletion treats what the object owns. */
export type Propagation = "Foreground" | "Background" | "Orphan";

/** What the annotations `pulumi.com/...` of an object ask for. */
export interface Wishes {
  readonly skipAwait: boolean;
  /** Take over fields that others own. */
  readonly force: boolean;
  /** Seconds; 0 where none was given. */
  readonly timeout: number;
  /** Field manager to use; empty for one of our own. */
  readonly fieldManager: string;
  readonly propagation: Propagation;
  /** Conditions to wait for instead of the usual ones; empty where none was given. */
  readonly waitFor: readonly string[];
  /** Replace a Job that did not complete. */
  readonly replaceUnready: boolean;
}

const PROPAGATIONS: Readonly<Record<string, Propagation>> = {
  "": "Foreground",
  foreground: "Foreground",
  background: "Background",
  orphan: "Orphan",
};

/** Reads the annotations. Throws where one has a value that it cannot have. */
export function wishesOf(object: JsonMap): Wishes {
  const flag = (name: string): boolean => annotation(object, `pulumi.com/${name}`) === "true";
  return {
    skipAwait: flag("skipAwait"),
    force: flag("patchForce"),
    timeout: timeout(annotation(object, "pulumi.com/timeoutSeconds")),
    fieldManager: annotation(object, "pulumi.com/patchFieldManager"),
    propagation: propagation(annotation(object, "pulumi.com/deletionPropagationPolicy")),
    waitFor: waitFor(annotation(object, "pulumi.com/waitFor")),
    replaceUnready: flag("replaceUnready"),
  };
}

function timeout(value: string): number {
  if (value === "") return 0;
  const seconds = Number(value);
  if (!Number.isInteger(seconds) || seconds < 1) {
    throw new Error(
      `annotation pulumi.com/timeoutSeconds is ${JSON.stringify(value)}; allowed: whole seconds > 0`,
    );
  }
  return seconds;
}

function propagation(value: string): Propagation {
  const known = PROPAGATIONS[value.toLowerCase()];
  if (known === undefined) {
    throw new Error(
      `annotation pulumi.com/deletionPropagationPolicy is ${JSON.stringify(value)}; ` +
        "allowed: foreground, background, orphan",
    );
  }
  return known;
}

function waitFor(value: string): readonly string[] {
  if (!value.startsWith("[")) return value === "" ? [] : [value];
  const parsed: unknown = JSON.parse(value);
  if (Array.isArray(parsed) && parsed.every((one) => typeof one === "string")) return parsed;
  throw new Error(
    `annotation pulumi.com/waitFor is ${value}; allowed: one condition or a JSON list of them`,
  );
}
