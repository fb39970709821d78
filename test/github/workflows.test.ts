import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const root = resolve(__dirname, "../..");
const folder = join(root, ".github/workflows");

const shape = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.strictObject({
      needs: z.array(z.string()).optional(),
      if: z.string().optional(),
      "runs-on": z.string(),
      environment: z.string().optional(),
      "timeout-minutes": z.number(),
      permissions: z.record(z.string(), z.string()),
      concurrency: z.strictObject({ group: z.string(), "cancel-in-progress": z.boolean() }),
      env: z.record(z.string(), z.string()).optional(),
      outputs: z.record(z.string(), z.string()).optional(),
      steps: z.array(
        z.strictObject({
          name: z.string().optional(),
          id: z.string().optional(),
          if: z.string().optional(),
          uses: z.string().optional(),
          with: z.record(z.string(), z.unknown()).optional(),
          env: z.record(z.string(), z.string()).optional(),
          run: z.string().optional(),
        }),
      ),
    }),
  ),
});

const texts = readdirSync(folder).map(
  (name) => [name, readFileSync(join(folder, name), "utf8")] as const,
);
const workflows = texts.map(([name, text]) => ({ name, text, workflow: shape.parse(parse(text)) }));
const jobs = workflows.flatMap(({ name, workflow }) =>
  Object.entries(workflow.jobs).map(([id, job]) => ({ id: `${name} ${id}`, job })),
);
const steps = jobs.flatMap(({ id, job }) => job.steps.map((step) => ({ id, step })));

const statements = z.object({
  Statement: z.array(
    z.object({
      Action: z.union([z.string(), z.array(z.string())]),
      Condition: z.unknown().optional(),
    }),
  ),
});

const chapters = readFileSync(join(root, "docs/aws.md"), "utf8").split(/^## /m);
const pullRequests = chapters.find((text) => text.startsWith("Pull requests\n")) ?? "";

/** Something of every job, by the job. */
const each = <Value>(of: (job: (typeof jobs)[number]["job"]) => Value) =>
  Object.fromEntries(jobs.map(({ id, job }) => [id, of(job)]));

describe("workflows", () => {
  it("run tests on every push, previews on every pull request, up on main", () => {
    const events = Object.fromEntries(workflows.map(({ name, workflow }) => [name, workflow.on]));
    assert.deepEqual(events, {
      "preview.yml": { pull_request: null },
      "test.yml": { push: null },
      "up.yml": { push: { branches: ["main"] } },
    });
  });

  it("pin every action by its commit, and name the version", () => {
    const used = texts.flatMap(([, text]) => text.match(/^ *-? *uses: .*$/gm) ?? []);
    assert.equal(used.length, steps.filter(({ step }) => step.uses).length);
    for (const line of used) {
      assert.match(line, /uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
    const versions = new Set(used.map((line) => line.replace(/^.*uses: /, "")));
    assert.deepEqual([...versions].map((line) => line.replace(/@\S+ #/, "")).sort(), [
      "actions/checkout v6.0.2",
      "actions/setup-node v6.4.0",
      "aws-actions/configure-aws-credentials v6.2.3",
    ]);
  });

  it("pin every image by its digest", () => {
    const images = jobs.flatMap(({ job }) => job.env?.IMAGE ?? []);
    assert.equal(images.length, 1);
    for (const image of images) assert.match(image, /^[\w./-]+@sha256:[0-9a-f]{64}$/);
  });

  it("have no permission but what the job needs", () => {
    for (const { workflow } of workflows) assert.deepEqual(workflow.permissions, {});
    assert.deepEqual(
      each(({ permissions }) => permissions),
      {
        "preview.yml dev": { contents: "read" },
        "preview.yml prod": { contents: "read", "id-token": "write" },
        "preview.yml comment": { "pull-requests": "write" },
        "test.yml unit": { contents: "read" },
        "test.yml sandbox": { contents: "read" },
        "up.yml dev": { contents: "read" },
      },
    );
  });

  it("leave no token behind, and none to what may write", () => {
    for (const { id, step } of steps.filter(({ step }) =>
      step.uses?.startsWith("actions/checkout"),
    )) {
      assert.deepEqual(step.with, { "persist-credentials": false }, id);
      assert.notEqual(id, "preview.yml comment");
    }
  });

  it("know no secret: AWS is entered by a role, and only by branches of the repository", () => {
    for (const { name, text } of workflows) {
      assert.doesNotMatch(text, /secrets\.|aws-(access|secret)|_KEY\b|PASSPHRASE|PASSWORD/i, name);
    }
    const tokens = steps.filter(({ step }) => JSON.stringify(step).includes("github.token"));
    assert.deepEqual(
      tokens.map(({ id, step }) => `${id}: ${step.name}`),
      ["preview.yml comment: Post"],
    );
    const prod = jobs.find(({ id }) => id === "preview.yml prod")?.job;
    assert.equal(
      prod?.if,
      "vars.AWS_PREVIEW_ROLE_ARN != '' && vars.PULUMI_BACKEND_URL != '' && " +
        "github.event.pull_request.head.repo.full_name == github.repository",
    );
  });

  it("work on a stack once at a time; a preview gives way to the next, up never", () => {
    assert.deepEqual(
      each(({ concurrency }) => `${concurrency.group} ${concurrency["cancel-in-progress"]}`),
      {
        "preview.yml dev": `preview-dev-\${{ github.event.pull_request.number }} true`,
        "preview.yml prod": `preview-prod-\${{ github.event.pull_request.number }} true`,
        "preview.yml comment": `preview-comment-\${{ github.event.pull_request.number }} true`,
        "test.yml unit": `test-unit-\${{ github.ref }} true`,
        "test.yml sandbox": `test-sandbox-\${{ github.ref }} true`,
        "up.yml dev": "up-dev false",
      },
    );
    const up = jobs.find(({ id }) => id === "up.yml dev")?.job;
    assert.equal(up?.environment, "dev");
  });

  it("put nothing into a script but by its environment", () => {
    for (const { id, step } of steps) assert.doesNotMatch(step.run ?? "", /\$\{\{/, id);
  });

  it("run scripts that bash can read, with programs of the project that there are", () => {
    const help = readFileSync(join(root, "Makefile"), "utf8");
    const called: string[] = [];
    for (const { id, step } of steps) {
      if (step.run === undefined) continue;
      const { status, stderr } = spawnSync("bash", ["-n"], { input: step.run, encoding: "utf8" });
      assert.equal(status, 0, `${id}: ${stderr}`);
      for (const [, target = ""] of step.run.matchAll(/\bmake (?:--silent )?([a-z-]+)/g)) {
        assert.match(help, new RegExp(`^${target}: `, "m"));
        called.push(target);
      }
      for (const [path] of step.run.matchAll(/\.github\/\S+\.ts/g)) {
        assert.ok(readFileSync(join(root, path), "utf8"));
      }
    }
    assert.deepEqual(called.sort(), [
      "lint",
      "live",
      "preview",
      "preview",
      "typecheck",
      "unit",
      "up",
    ]);
  });

  it("take no variable that docs/aws.md does not tell of, and the other way round", () => {
    const names = (text: string, pattern: RegExp) =>
      [...new Set([...text.matchAll(pattern)].map(([, name = ""]) => name))].sort();
    const used = names(texts.map(([, text]) => text).join("\n"), /\bvars\.([A-Z_]+)/g);
    assert.deepEqual(names(pullRequests, /`([A-Z]+_[A-Z_]+)`/g), used);
  });

  it("can enter no role but by pull requests of one repository, to read", () => {
    const [trust, policy] = [...pullRequests.matchAll(/```json\n([\s\S]*?)```/g)].map(
      ([, json = ""]) => statements.parse(JSON.parse(json)).Statement,
    );
    assert.deepEqual(
      trust?.map(({ Condition }) => Condition),
      [
        {
          StringEquals: {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:yourcom/infrastructure:pull_request",
          },
        },
      ],
    );
    for (const action of policy?.flatMap(({ Action }) => Action) ?? []) {
      assert.match(action, /^\w+:(Get|List|Decrypt)\w*$/);
    }
  });
});
