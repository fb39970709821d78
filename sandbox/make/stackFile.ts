import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";

const shape = z.looseObject({
  encryptionsalt: z.string().optional(),
  config: z.record(z.string(), z.unknown()).nullish(),
});

const mapOf = (value: unknown) => z.record(z.string(), z.unknown()).safeParse(value).data;

/** Settings with others over them; of a map, entry by entry. */
function laidOver(under: Record<string, unknown>, over: Record<string, unknown>) {
  const laid = Object.entries(over).map(([key, value]) => {
    const [below, above] = [mapOf(under[key]), mapOf(value)];
    return [key, below && above ? { ...below, ...above } : value];
  });
  return { ...under, ...Object.fromEntries(laid) };
}

/**
 * The stack file that `make` hands to Pulumi: the project's own, with the sandbox's settings over
 * it, and with the salt of the file's last use, which Pulumi writes there and which has no place in
 * the repository.
 *
 * @param base text of Pulumi.<stack>.yaml, empty when there is none
 * @param overlay text of the sandbox's settings, empty on any other cluster
 * @param last text of the file as it is now, empty when there is none
 */
export function mergeStackFile(base: string, overlay: string, last: string): string {
  const [mine, over, before] = [base, overlay, last].map((text) => shape.parse(parse(text) ?? {}));
  const salt = mine?.encryptionsalt ?? before?.encryptionsalt;
  return stringify({
    ...mine,
    config: laidOver(mine?.config ?? {}, over?.config ?? {}),
    ...(salt === undefined ? {} : { encryptionsalt: salt }),
  });
}

const read = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");

/** Writes the merged stack file to `target`, from files of which any may be missing. */
export function writeStackFile(target: string, base: string, overlay: string | undefined): void {
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const merged = mergeStackFile(read(base), overlay ? read(overlay) : "", read(target));
  writeFileSync(target, merged, { mode: 0o600 });
}
