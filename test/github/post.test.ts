import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const step = z.object({ name: z.string(), run: z.string() });
const shape = z.object({ jobs: z.object({ comment: z.object({ steps: z.array(step) }) }) });
const file = resolve(__dirname, "../../.github/workflows/preview.yml");

describe("the job that comments", () => {
  const { steps } = shape.parse(parse(readFileSync(file, "utf8"))).jobs.comment;
  const scripts = Object.fromEntries(steps.map(({ name, run }) => [name, run]));
  const temp = mkdtempSync(join(tmpdir(), "comment-"));
  const calls = join(temp, "calls");
  const body = () => readFileSync(join(temp, "comment.md"), "utf8");
  after(() => rmSync(temp, { recursive: true }));

  /** Runs a step as a runner does, with a `gh` that writes down how it is called. */
  function run(step: string, env: Record<string, string>): string {
    writeFileSync(calls, "");
    writeFileSync(
      join(temp, "gh"),
      '#!/bin/sh\nprintf "%s|" "$@" >> "$CALLS"\necho >> "$CALLS"\n' +
        'case "$*" in *--paginate*) printf "$FOUND" ;; esac\n',
      { mode: 0o755 },
    );
    const path = `${temp}:${process.env.PATH}`;
    return execFileSync("bash", ["-e", "-c", scripts[step] ?? ""], {
      env: { PATH: path, RUNNER_TEMP: temp, CALLS: calls, ...env },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
  }

  const log = "https://github.example/run/1";
  const end = `[The log](${log}).\n\n<!-- pulumi preview -->\n`;

  it("writes both stacks into one comment, marked as ours, as they are", () => {
    const dev = "### `dev`: $(touch no) `touch no` 1 %s created\n";
    run("Write", { DEV: dev, PROD: "### `prod`", PROD_RESULT: "success", FORK: "false", LOG: log });
    assert.equal(body(), `${dev}\n\n### \`prod\`\n\n${end}`);
  });

  it("says why there is no plan", () => {
    const failed = "**no plan**: the job failed before it had one.";
    run("Write", { DEV: "", PROD: "", PROD_RESULT: "failure", FORK: "false", LOG: log });
    assert.equal(body(), `### \`dev\`: ${failed}\n\n### \`prod\`: ${failed}\n\n${end}`);
    const reasons = {
      false: "AWS_PREVIEW_ROLE_ARN or PULUMI_BACKEND_URL is not set",
      true: "the pull request is from a fork",
    };
    for (const [FORK, why] of Object.entries(reasons)) {
      const said = run("Write", {
        DEV: "### dev",
        PROD: "",
        PROD_RESULT: "skipped",
        FORK,
        LOG: log,
      });
      assert.equal(said, `::notice::prod is not previewed: ${why}\n`);
      assert.equal(body(), `### dev\n\n### \`prod\`: not previewed, ${why}\n\n${end}`);
    }
  });

  it("makes the comment first, and changes that one afterwards", () => {
    const env = { COMMENTS: "repos/a/b/issues/7/comments", EACH: "repos/a/b/issues/comments" };
    const field = `--field|body=@${join(temp, "comment.md")}|`;
    const post = (found: string) => {
      run("Post", { ...env, FOUND: found });
      return readFileSync(calls, "utf8").trimEnd().split("\n");
    };
    const [query, made, ...more] = post("");
    assert.match(
      query ?? "",
      /^api\|--paginate\|repos\/a\/b\/issues\/7\/comments\?per_page=100\|--jq\|/,
    );
    assert.match(query ?? "", /"github-actions\[bot\]".*<!-- pulumi preview -->/);
    assert.equal(made, `api|--silent|--method|POST|repos/a/b/issues/7/comments|${field}`);
    assert.deepEqual(more, []);
    const [, changed, ...others] = post("41\\n42\\n");
    assert.equal(changed, `api|--silent|--method|PATCH|repos/a/b/issues/comments/41|${field}`);
    assert.deepEqual(others, []);
  });
});
