import assert from "node:assert/strict";
import { lacking } from "./answers.ts";
import { findPython, installTools } from "./cli.ts";
import { isName, operationsOf } from "./commands.ts";
import { faultOf, isOfCli2 } from "./fault.ts";
import { type Reading, type Report, typePage } from "./page.ts";
import { awsPage, nodesPage, type Promises } from "./promises.ts";

interface Page extends Reading {
  readonly promises: Promises;
}

const pages: readonly Page[] = [
  {
    file: "docs/aws.md",
    values: { address: "operator@yourcom.example", class: "db.t4g.large", tag: "0123abcd" },
    stands: false,
    promises: awsPage,
  },
  {
    file: "docs/runbooks/nodes.md",
    values: { version: "v1.36.0-eksbuild.1" },
    stands: true,
    promises: nodesPage,
  },
];

/** What became of the commands, in one line. */
function summary({ file }: Page, { outcomes, leftOut, seconds }: Report): string {
  const named = outcomes.filter(({ command }) => isName(command.replace(/ --generate.*/, "")));
  const us = outcomes.filter(({ asked }) => asked.us > 0);
  const moto = outcomes.filter(({ asked }) => asked.us === 0 && asked.moto > 0);
  const untold = outcomes.filter(({ command }) => isOfCli2(command));
  const silent = outcomes.length - moto.length - us.length - named.length - untold.length;
  const others = Object.entries(leftOut).map(([program, many]) => `${program} ${many}`);
  return (
    `${file}: ${outcomes.length} typed: ${moto.length} answered by moto, ${us.length} in its place, ` +
    `${named.length} only named, ${untold.length} of the CLI 2, ${silent} asked nothing; left out: ${others.join(", ")}; ` +
    `${seconds.toFixed(0)} s`
  );
}

// moto is no AWS: it shows that commands are well-formed and find what they look for.
describe("the AWS commands of the documents, typed at moto", function () {
  this.timeout(600_000);
  const reports = new Map<string, Report>();

  before(async function () {
    const python = await findPython();
    if (python === undefined) {
      console.log("      skipped: no python3 with pip on PATH (Debian: python3-pip)");
      this.skip();
    }
    const tools = await installTools(python);
    const read = async (page: Page) => reports.set(page.file, await typePage(tools, page));
    // Each in an account of its own; the CLI spends its time on starting, one core each.
    const done = await Promise.allSettled(pages.map(read));
    for (const one of done) if (one.status === "rejected") throw one.reason;
  });

  for (const page of pages) {
    it(`${page.file}: each does and prints what the page says`, () => {
      const report = reports.get(page.file);
      assert.ok(report);
      const { outcomes } = report;
      assert.deepEqual(
        outcomes.flatMap((one) => faultOf(one.command, one, page.promises) ?? []),
        [],
      );
      const unused = page.promises.filter(
        ([piece]) => !outcomes.some(({ command }) => command.includes(piece)),
      );
      assert.deepEqual(unused, [], "nothing on the page is like these");
      console.log(`      ${summary(page, report)}`);
    });
  }

  it("is answered in moto's place only where moto cannot", () => {
    const own = [...reports.values()].flatMap(({ outcomes }) => outcomes.filter((o) => o.asked.us));
    const operations = new Set(own.flatMap(({ command }) => operationsOf(command)));
    // The waiter asks what describe-addon does.
    operations.delete("eks wait");
    assert.deepEqual([...operations].sort(), Object.keys(lacking).sort());
    for (const [operation, { why }] of Object.entries(lacking)) {
      console.log(`      ${operation}: ${why}`);
    }
  });
});
