import { readdirSync, readFileSync } from "node:fs";

/** Milliseconds of a tick of the kernel's accounts. */
const TICK = 10;

/** Programs that a request passes, by a part of their command lines; all their processes together. */
const programs: Readonly<Record<string, RegExp>> = {
  nginx: /^nginx: /,
  "API, Worker and agents": /\/app\/main\.cjs/,
  brokers: /kafka\.Kafka/,
  "the load generator": new RegExp(`^${process.pid}$`),
};

export const programNames: readonly string[] = Object.keys(programs);

/** Milliseconds of processor time that each program has had since it started. */
function times(): Map<string, number> {
  const all = new Map(programNames.map((name) => [name, 0]));
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      const name = programNames.find(
        (of) => programs[of]?.test(command) || programs[of]?.test(pid),
      );
      if (name === undefined) continue;
      // After the name in brackets, which may itself hold spaces and brackets.
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      const ticks = Number(fields[11]) + Number(fields[12]);
      all.set(name, (all.get(name) ?? 0) + ticks * TICK);
    } catch {
      // It has ended meanwhile.
    }
  }
  return all;
}

/** Milliseconds of processor time that each program had while some work was done. */
export async function spent<T>(
  work: () => Promise<T>,
): Promise<readonly [T, ReadonlyMap<string, number>]> {
  const before = times();
  const result = await work();
  const after = times();
  return [
    result,
    new Map(programNames.map((n) => [n, (after.get(n) ?? 0) - (before.get(n) ?? 0)])),
  ];
}
