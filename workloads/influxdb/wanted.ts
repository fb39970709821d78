import * as pulumi from "@pulumi/pulumi";
import { names, users } from "./config.ts";

/** How long points are kept, and how many of them. */
export interface Retention {
  /** Name of the retention policy: lower-case letters, digits and `_`, a letter first. */
  readonly name: string;
  /** Days, whole ones. */
  readonly days: number;
  /** Minutes, up to 30, of which the mean is kept. @default every point, as it was written */
  readonly everyMinutes?: number | undefined;
}

/** A week of everything, and a year of what it was about. */
export const defaultRetentions: readonly Retention[] = [
  { name: "week", days: 7 },
  { name: "year", days: 365, everyMinutes: 5 },
];

const NAME = /^[a-z][a-z0-9_]*$/;
const MOST_DAYS = 3650;
const MOST_MINUTES = 30;

/**
 * Refuses retentions that InfluxDB could not keep to.
 *
 * @throws pulumi.RunError with every fault: what was got, what is allowed
 */
export function requireSound(retentions: readonly Retention[]) {
  const faults = retentions.flatMap(faultsOf);
  if (retentions.length === 0) faults.push("got none; allowed: at least one");
  if (retentions.length !== new Set(retentions.map(({ name }) => name)).size) {
    faults.push(`got ${retentions.map(({ name }) => name).join(", ")}; allowed: each name once`);
  }
  if (faults.length === 0) return;
  throw new pulumi.RunError(`influxdb: retentions: ${faults.join("\ninfluxdb: retentions: ")}`);
}

function faultsOf({ name, days, everyMinutes }: Retention, index: number): string[] {
  const between = (value: number, most: number) =>
    Number.isInteger(value) && value >= 1 && value <= most;
  return [
    ...(NAME.test(name)
      ? []
      : [`got name "${name}"; allowed: lower-case letters, digits and _, a letter first`]),
    ...(between(days, MOST_DAYS)
      ? []
      : [`${name}: got ${days} days; allowed: whole numbers from 1 to ${MOST_DAYS}`]),
    ...(everyMinutes === undefined || between(everyMinutes, MOST_MINUTES)
      ? []
      : [`${name}: got ${everyMinutes} minutes; allowed: whole numbers from 1 to ${MOST_MINUTES}`]),
    ...((everyMinutes === undefined) === (index === 0)
      ? []
      : [`${name}: allowed: every point in the first, everyMinutes in all others`]),
  ];
}

/** Hours of which the points are in files of their own, which are deleted as a whole. */
function shardHoursOf(days: number): number {
  if (days <= 2) return 1;
  return days <= 180 ? 24 : 168;
}

/**
 * Fills a retention with means of the first. It looks two hours back, every half hour: what
 * Telegraf kept while InfluxDB was away for an hour comes in time. InfluxDB itself writes a
 * statement like this, so that the set-up can tell whether it is the same.
 */
function continuousQueryOf({ name, everyMinutes }: Retention, from: string) {
  const { database } = names;
  return {
    name: `to_${name}`,
    statement:
      `CREATE CONTINUOUS QUERY to_${name} ON ${database} RESAMPLE EVERY 30m FOR 2h BEGIN ` +
      `SELECT mean(*) INTO ${database}.${name}.:MEASUREMENT FROM ${database}.${from}./.*/ ` +
      `GROUP BY time(${everyMinutes}m), * END`,
  };
}

/** wanted.json: everything that the set-up makes in InfluxDB, and nothing secret. */
export function renderWanted(retentions: readonly Retention[]): string {
  const [first, ...others] = retentions;
  const wanted = {
    database: names.database,
    retentions: retentions.map(({ name, days }) => ({
      name,
      hours: 24 * days,
      shardHours: shardHoursOf(days),
    })),
    continuousQueries: first ? others.map((each) => continuousQueryOf(each, first.name)) : [],
    users: [
      { name: users.writer, right: "WRITE" },
      { name: users.reader, right: "READ" },
    ],
  };
  return `${JSON.stringify(wanted, undefined, 2)}\n`;
}
