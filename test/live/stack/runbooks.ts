import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../sandbox/make/session.ts";
import { commandsOf } from "../../markdown.ts";
import type { Stack } from "./fixture.ts";
import { MonitoringApi } from "./monitoringApi.ts";
import { callsKubectl, linesOf } from "./nodesPage.ts";

/** That what the runbooks say can be typed. */
export function runbooks(stack: () => Stack): void {
  describe("runbooks", () => {
    const folder = join(root, "docs", "runbooks");
    const pageOf = (name: string) => readFileSync(join(folder, name), "utf8");
    const type = async (commands: readonly string[]) => {
      for (const command of commands) {
        const { code, text } = await stack().run("bash", ["-ec", command]);
        assert.equal(code, 0, `${command}\n${text}`);
      }
    };

    // What the page of Consul saves holds tokens.
    after(() => rmSync("/tmp/consul.snap", { force: true }));

    it("consul: every command of it works", async () => {
      const commands = commandsOf(pageOf("consul.md"));
      assert.ok(commands.length > 5);
      await type(commands);
      console.log(`      ${commands.length} commands typed`);
    });

    it("influxdb: every command of it works, but for one that asks for a password", async () => {
      const commands = commandsOf(pageOf("influxdb.md"));
      const typed = commands.filter((command) => !command.includes("exec -it "));
      assert.equal(typed.length, commands.length - 1);
      await type(typed);
      console.log(`      ${typed.length} commands typed`);
    });

    it("alerts: every command to look works, and every query", async () => {
      const pages = readdirSync(folder).filter((name) => /^[A-Z]/.test(name));
      const commands = [...new Set(pages.flatMap((page) => commandsOf(pageOf(page))))];
      // The pages above are typed as they stand; here make would take longer than what it runs.
      const argumentOf = (command: string, start: string) =>
        command.startsWith(`${start}='`) ? command.slice(start.length + 2, -1) : undefined;
      const queries = commands.flatMap((line) => argumentOf(line, "make query promql") ?? []);
      const [first = "", ...others] = queries;
      const api = await MonitoringApi.open(stack());
      await type([`make query promql='${first}'`]);
      await Promise.all(others.map((query) => api.query(query)));
      const rest = commands.filter((line) => !argumentOf(line, "make query promql"));
      const queue = rest.map((line) => argumentOf(line, "make run cmd") ?? line).values();
      const lane = async () => {
        for (const command of queue) await type([command]);
      };
      await Promise.all(Array.from({ length: 4 }, lane));
      console.log(
        `      ${rest.length} commands typed and ${queries.length} queries asked, of ${pages.length} pages`,
      );
    });

    it("nodes: every command of kubectl works, one that changes something as a dry run", async () => {
      const [node = ""] = (await stack().kubectl("get", "nodes", "-o", "name")).trim().split("\n");
      const commands = commandsOf(pageOf("nodes.md"), callsKubectl);
      const { typed, leftOut } = linesOf(commands, node.replace("node/", ""));
      await type(typed);
      console.log(`      ${typed.length} commands typed; left out: ${leftOut.join("; ")}`);
    });
  });
}
