import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../sandbox/make/session.ts";
import { commandsOf } from "../../markdown.ts";
import { callsKubectl, linesOf } from "./nodesPage.ts";

const page = readFileSync(join(root, "docs/runbooks/nodes.md"), "utf8");
const commands = commandsOf(page, callsKubectl);

describe("kubectl's lines of docs/runbooks/nodes.md", () => {
  it("are all typed, what would change something as a dry run, or left out for a reason", () => {
    const { typed, leftOut } = linesOf(commands, "sandbox");
    assert.deepEqual(leftOut, ["kubectl get nodes --watch: it ends by Ctrl-C alone"]);
    assert.equal(typed.length + leftOut.length, commands.filter(callsKubectl).length);
    assert.ok(typed.every((line) => line.startsWith("node=sandbox; ")));
    const changing = typed.filter((line) => /kubectl (?!get |uncordon )/.test(line));
    assert.equal(changing.length, 2);
    assert.ok(changing.every((line) => line.includes(" --dry-run=server")));
  });

  it("fail when one is new, or one is gone", () => {
    assert.throws(() => linesOf([...commands, "kubectl cordon it"], "sandbox"), {
      message:
        "kubectl cordon it: add how it is typed, or why not, to test/live/stack/nodesPage.ts",
    });
    const fewer = commands.filter((command) => !command.includes("uncordon"));
    assert.throws(() => linesOf(fewer, "sandbox"), {
      message: 'nothing on the page is like kubectl uncordon "$node"',
    });
  });
});
