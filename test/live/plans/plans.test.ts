import assert from "node:assert/strict";
import { lackingZone, NO_CREDENTIALS, NO_ZONE } from "../../awsMocks.ts";
import { type Plan, pulumiPath, StandingProd } from "./prod.ts";
import { groups } from "./rows.ts";

/** What cannot be had again once it has been deleted, be it that another takes its place. */
const DATA = [
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cognito/userPool:UserPool",
  "aws:ec2/vpc:Vpc",
  "aws:ecr/repository:Repository",
  "aws:eks/cluster:Cluster",
  "aws:kms/key:Key",
  "aws:rds/instance:Instance",
  "aws:route53/zone:Zone",
  "aws:s3/bucket:Bucket",
  "kubernetes:apps/v1:StatefulSet",
  "kubernetes:core/v1:Namespace",
  "kubernetes:core/v1:PersistentVolume",
  "kubernetes:core/v1:PersistentVolumeClaim",
];

describe("live: plans of changed settings on a prod that stands", function () {
  this.timeout(600_000);
  let prod: StandingProd;

  before(async function () {
    const path = pulumiPath();
    if (path === undefined) {
      console.log("      skipped: no Pulumi on PATH or in the sandbox; run make sandbox-up");
      this.skip();
    }
    prod = await StandingProd.create(path);
  });

  after(() => prod?.dispose());

  describe("of bad input end with one error", () => {
    it("for a domain whose zone is to be adopted and is not there", async () => {
      const errors = await prod.refusal({ domain: lackingZone, hostedZone: "adopt" });
      assert.deepEqual(errors, [
        `no hosted zone to adopt for domain "${lackingZone}": ${NO_ZONE}; make a public one of ` +
          "that name in this account, or set web-greetings:hostedZone to create, or " +
          "web-greetings:domain",
      ]);
    });

    // The program ends before it could say anything of its own.
    it("for no credentials, which is the plugin's", async () => {
      assert.deepEqual(await prod.refusal({}, { AWS_PROFILE: "nobody" }), [
        `pulumi:providers:aws resource 'aws' has a problem: ${NO_CREDENTIALS}`,
      ]);
    });
  });

  for (const rows of groups) {
    describe(rows.map(({ title }) => title).join("; "), () => {
      let plan: Plan;

      before(async () => {
        plan = await prod.preview(Object.assign({}, ...rows.map(({ changed }) => changed)));
        const counts = Object.entries(plan.counts).map(([op, many]) => `${many} ${op}`);
        console.log(`      plan in ${plan.seconds.toFixed(1)} s: ${counts.join(", ")}`);
      });

      for (const { title, operations } of rows) {
        it(`${title}: touches ${operations.length || "nothing"}`, () => {
          const missing = operations.filter((one) => !plan.operations.includes(one));
          assert.deepEqual(missing, []);
        });
      }

      it("touches nothing else, and takes away nothing that holds data", () => {
        const expected = rows.flatMap(({ operations }) => operations);
        assert.equal(new Set(expected).size, expected.length, "rows that share an operation");
        assert.deepEqual(plan.operations, expected.toSorted());
        const lost = plan.operations.filter((one) => {
          const [operation = "", type = ""] = one.split(" ");
          return ["replace", "delete"].includes(operation) && DATA.includes(type);
        });
        assert.deepEqual(lost, []);
      });
    });
  }
});
