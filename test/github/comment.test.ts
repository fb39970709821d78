import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { holdsData, type Plan, parsePlan, renderPlan } from "../../.github/comment.ts";

const heading = { stack: "prod", commit: "0123abcd" };
const urn = (type: string, name: string) =>
  `urn:pulumi:prod::web-greetings::web-greetings:kafka:KafkaCluster$${type}::${name}`;

/** A document as the engine prints it, with all that the comment tells apart. */
const document = {
  config: { "web-greetings:domain": "yourcom.example" },
  steps: [
    { op: "same", urn: "urn:pulumi:prod::web-greetings::pulumi:pulumi:Stack::web-greetings-prod" },
    { op: "create", urn: urn("kubernetes:core/v1:Secret", "later") },
    { op: "create", urn: urn("kubernetes:core/v1:Secret", "first") },
    {
      op: "create",
      urn: urn("kubernetes:core/v1:ConfigMap", "settings"),
      newState: { inputs: { data: { password: "hunter2" } } },
    },
    { op: "update", urn: urn("kubernetes:core/v1:Service", "kafka"), oldState: { protect: true } },
    { op: "delete", urn: urn("kubernetes:core/v1:Secret", "old") },
    {
      op: "delete",
      urn: urn("kubernetes:core/v1:Namespace", "kafka"),
      oldState: { retainOnDelete: true },
    },
    { op: "replace", urn: urn("tls:index/privateKey:PrivateKey", "broker") },
    {
      op: "replace",
      urn: urn("kubernetes:apps/v1:StatefulSet", "kafka"),
      replaceReasons: ["spec.serviceName"],
    },
  ],
  diagnostics: [
    { message: "acting on AWS account 123456789012\n", severity: "info" },
    {
      urn: urn("kubernetes:core/v1:Service", "kafka"),
      message: "warning: \u001b[33mold\u001b[0m\n",
      severity: "warning",
    },
    { message: "error: cannot reach\nthe cluster", severity: "error" },
  ],
  duration: 1,
  changeSummary: { same: 215, create: 3, update: 1, delete: 2, replace: 2 },
};

const expected = `### \`prod\`: **the preview failed**, 2 replaced, 2 deleted, 3 created, 1 updated, 215 unchanged

> [!CAUTION]
> **2 replaced, 2 deleted, of which 2 HOLD DATA**
> - **replaced** \`kubernetes:apps/v1:StatefulSet\` \`kafka\` **HOLDS DATA**, because of \`spec.serviceName\`
> - **replaced** \`tls:index/privateKey:PrivateKey\` \`broker\`
> - **deleted** \`kubernetes:core/v1:Namespace\` \`kafka\` **HOLDS DATA**, and is kept (\`retainOnDelete\`)
> - **deleted** \`kubernetes:core/v1:Secret\` \`old\`

**error**
\`\`\`text
cannot reach
the cluster
\`\`\`

**warning** \`kafka\`
\`\`\`text
old
\`\`\`

<details>
<summary>3 created</summary>

- \`kubernetes:core/v1:ConfigMap\`
  - \`settings\`
- \`kubernetes:core/v1:Secret\`
  - \`first\`
  - \`later\`

</details>

<details>
<summary>1 updated</summary>

- \`kubernetes:core/v1:Service\`
  - \`kafka\`

</details>

Commit \`0123abcd\`.
`;

describe("the comment on a pull request", () => {
  const render = (plan: Plan | undefined, limit = 30_000) => renderPlan(plan, heading, limit);
  const parse = (value: object) => parsePlan(JSON.stringify(value));

  it("shows counts, what goes first and loudly, what went wrong, the rest folded", () => {
    assert.equal(render(parse(document)), expected);
  });

  it("shows no property, old or new", () => {
    assert.doesNotMatch(render(parse(document)), /hunter2|password/);
  });

  it("says when nothing changes, and when there is no plan", () => {
    assert.equal(
      render(parse({ changeSummary: { same: 217 } })),
      "### `prod`: no changes, 217 unchanged\n\nCommit `0123abcd`.\n",
    );
    assert.equal(
      render(parsePlan(" \n")),
      "### `prod`: **no plan**\n\nThe log says why. Commit `0123abcd`.\n",
    );
  });

  it("counts operations that it does not know, instead of passing over them", () => {
    const plan = parse({ steps: [{ op: "transmute", urn: urn("a:b:C", "lead") }] });
    assert.match(render(plan), /^### `prod`: 1 of another kind, 0 unchanged\n/);
  });

  it("lets names be nothing but names", () => {
    const name = "a``b`\n<!-- x -->\u202e@team [c](d)";
    const text = render(parse({ steps: [{ op: "create", urn: urn("a:b:C", name) }] }));
    assert.equal(
      text.split("\n").find((line) => line.startsWith("  - ")),
      "  - ``` a``b` <!-- x --> @team [c](d) ```",
    );
  });

  it("lets no message end the block that it is in, and cuts long ones", () => {
    const message = `\`\`\`\n@team ${"ä".repeat(5000)}`;
    const text = render(parse({ diagnostics: [{ message, severity: "error" }] }));
    const [, shown = ""] = /^````text\n([\s\S]*?)\n````$/m.exec(text) ?? [];
    assert.equal(shown, `\`\`\`\n@team ${"ä".repeat(1990)} …`);
  });

  it("leaves out by whole lines what does not fit, the least important first, and says so", () => {
    const types = ["kubernetes:core/v1:PersistentVolumeClaim", "kubernetes:core/v1:ConfigMap"];
    const steps = types.flatMap((type, index) =>
      Array.from({ length: 500 }, (_, each) => ({
        op: index === 0 ? "replace" : "create",
        urn: urn(type, `name-${each}`),
      })),
    );
    const text = render(parse({ steps }), 20_000);
    const kept = text.match(/^> - \*\*replaced/gm)?.length ?? 0;
    assert.ok(Buffer.byteLength(text) <= 20_000 && Buffer.byteLength(text) > 19_800);
    assert.match(text, /^### `prod`: 500 replaced, 500 created, /);
    assert.match(
      text,
      new RegExp(`\\*\\*${1000 - kept} more are left out: the log has them\\.\\*\\*`),
    );
    assert.doesNotMatch(text, /ConfigMap|details/);
  });

  it("has room for a first up of the whole cloud, and for half as much again", () => {
    const inventory = readFileSync(resolve(__dirname, "../stack/inventory-prod.txt"), "utf8");
    const resources = inventory.split("\n").filter(Boolean);
    const steps = resources.map((line) => {
      const [type = "", name = ""] = line.split(" ");
      return { op: "create", urn: urn(type, name) };
    });
    const text = render(parse({ steps }), 20_000);
    assert.equal(text.match(/^ {2}- `/gm)?.length, resources.length);
  });

  it("keeps to its limit, whatever the names are", () => {
    const step = fc.record({
      op: fc.constantFrom("create", "replace", "delete", "update"),
      urn: fc.string({ unit: "binary" }).map((name) => urn("kubernetes:core/v1:Secret", name)),
    });
    const diagnostic = fc.record({
      message: fc.string({ unit: "binary", maxLength: 200 }),
      severity: fc.constantFrom("warning", "error"),
    });
    const plans = fc.record({
      steps: fc.array(step, { maxLength: 30 }),
      diagnostics: fc.array(diagnostic),
    });
    fc.assert(
      fc.property(plans, fc.integer({ min: 300, max: 3000 }), (plan, limit) => {
        const text = render(parse(plan), limit);
        assert.ok(Buffer.byteLength(text) <= limit);
        assert.equal(text.match(/^<details>$/gm)?.length, text.match(/^<\/details>$/gm)?.length);
      }),
    );
  });

  const holding: readonly (readonly [string, boolean])[] = [
    ["kubernetes:core/v1:PersistentVolumeClaim", true],
    ["kubernetes:core/v1:PersistentVolume", true],
    ["kubernetes:core/v1:Namespace", true],
    ["kubernetes:apps/v1:StatefulSet", true],
    ["kubernetes:apps/v1:Deployment", false],
    ["aws:s3/bucket:Bucket", true],
    ["aws:s3/bucketVersioning:BucketVersioning", false],
    ["aws:rds/instance:Instance", true],
    ["aws:rds/subnetGroup:SubnetGroup", false],
    ["aws:kms/key:Key", true],
    ["aws:kms/alias:Alias", false],
    ["aws:eks/cluster:Cluster", true],
    ["aws:eks/nodeGroup:NodeGroup", false],
    ["aws:cognito/userPool:UserPool", true],
    ["aws:cognito/userPoolClient:UserPoolClient", false],
    ["aws:ecr/repository:Repository", false],
  ];
  for (const [type, holds] of holding) {
    it(`takes ${type} for ${holds ? "data" : "something that can be made again"}`, () => {
      assert.equal(holdsData(type), holds);
    });
  }
});

describe("the job that previews", () => {
  const root = resolve(__dirname, "../..");
  const folder = mkdtempSync(join(tmpdir(), "preview-"));
  after(() => rmSync(folder, { recursive: true }));

  it("hands the comment on, to its summary and as its output", () => {
    const files = {
      plan: join(folder, "plan.json"),
      output: join(folder, "output"),
      summary: join(folder, "summary"),
    };
    writeFileSync(files.plan, JSON.stringify(document));
    const env = {
      ...process.env,
      COMMIT: heading.commit,
      GITHUB_OUTPUT: files.output,
      GITHUB_STEP_SUMMARY: files.summary,
    };
    const args = [join(root, ".github/preview.ts"), "prod", files.plan];
    const tsx = join(root, "node_modules/.bin/tsx");
    const { status, stderr } = spawnSync(tsx, args, { env, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.equal(readFileSync(files.summary, "utf8"), `${expected}\n`);
    const [, end = ""] = /^comment<<(\S{36})\n/.exec(readFileSync(files.output, "utf8")) ?? [];
    assert.equal(readFileSync(files.output, "utf8"), `comment<<${end}\n${expected}\n${end}\n`);
  });
});
