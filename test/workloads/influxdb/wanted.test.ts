import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parseWanted } from "../../../apps/influx-setup/src/wanted.ts";
import {
  defaultRetentions,
  type Retention,
  renderWanted,
  requireSound,
} from "../../../workloads/influxdb/wanted.ts";

describe("what the set-up of InfluxDB makes", () => {
  it("is a week of everything, a year of means, one who writes and one who reads", () => {
    assert.deepEqual(parseWanted(renderWanted(defaultRetentions)), {
      database: "telegraf",
      retentions: [
        { name: "week", hours: 168, shardHours: 24 },
        { name: "year", hours: 8760, shardHours: 168 },
      ],
      continuousQueries: [
        {
          name: "to_year",
          statement:
            "CREATE CONTINUOUS QUERY to_year ON telegraf RESAMPLE EVERY 30m FOR 2h BEGIN " +
            "SELECT mean(*) INTO telegraf.year.:MEASUREMENT FROM telegraf.week./.*/ " +
            "GROUP BY time(5m), * END",
        },
      ],
      users: [
        { name: "telegraf", right: "WRITE" },
        { name: "grafana", right: "READ" },
      ],
    });
  });

  it("keeps points in files that are as long as InfluxDB would make them", () => {
    const shards = [1, 2, 3, 180, 181, 3650].map((days) => {
      const [only] = parseWanted(renderWanted([{ name: "only", days }])).retentions;
      return only?.shardHours;
    });
    assert.deepEqual(shards, [1, 1, 24, 24, 168, 168]);
  });

  it("has no continuous query where there is one retention", () => {
    const { continuousQueries } = parseWanted(renderWanted([{ name: "all", days: 30 }]));
    assert.deepEqual(continuousQueries, []);
  });

  it("passes what is sound", () => {
    requireSound(defaultRetentions);
    requireSound([
      { name: "a", days: 1 },
      { name: "b_2", days: 3650, everyMinutes: 30 },
    ]);
  });

  const week: Retention = { name: "week", days: 7 };
  const cases: readonly (readonly [string, readonly Retention[], readonly string[]])[] = [
    ["there are none", [], ["got none; allowed: at least one"]],
    [
      "a name is none",
      [{ name: "Week-1", days: 7 }],
      ['got name "Week-1"; allowed: lower-case letters, digits and _, a letter first'],
    ],
    [
      "days or minutes are none",
      [
        { name: "a", days: 0.5 },
        { name: "b", days: 3651, everyMinutes: 31 },
      ],
      [
        "a: got 0.5 days; allowed: whole numbers from 1 to 3650",
        "b: got 3651 days; allowed: whole numbers from 1 to 3650",
        "b: got 31 minutes; allowed: whole numbers from 1 to 30",
      ],
    ],
    [
      "the first is of means",
      [{ ...week, everyMinutes: 5 }],
      ["week: allowed: every point in the first, everyMinutes in all others"],
    ],
    [
      "another is not of means",
      [week, { name: "year", days: 365 }],
      ["year: allowed: every point in the first, everyMinutes in all others"],
    ],
    [
      "a name is there twice",
      [week, { ...week, everyMinutes: 5 }],
      ["got week, week; allowed: each name once"],
    ],
  ];
  for (const [when, retentions, faults] of cases) {
    it(`fails when ${when}`, () => {
      assert.throws(
        () => requireSound(retentions),
        new pulumi.RunError(faults.map((fault) => `influxdb: retentions: ${fault}`).join("\n")),
      );
    });
  }
});
