import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Bucket, createBucket, createLogBucket } from "../../../infra/aws/buckets.ts";
import { settle } from "../../mocks.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { namesOf, protectedIn, recordAws } from "./recordAws.ts";

/** What is recorded of a bucket and one object in it, what it gives, and what is protected. */
async function recorded(make: (parent: pulumi.Resource) => Bucket) {
  let given: readonly string[] = [];
  const resources = await recordAws(async (opts) => {
    const parent = new pulumi.ComponentResource("test:Parent", "parent", {}, opts);
    const { name, arn } = make(parent);
    new aws.s3.BucketObject("object", { bucket: name, key: "a" }, { parent });
    given = [await settle(name), await settle(arn)];
  });
  return { resources, isProtected: protectedIn(resources), given };
}

const args = { bucket: "web-greetings-prod-backups", purpose: "backups", retain: true };
const plain = () => recorded((parent) => createBucket("backups", args, parent));
const logs = (retain: boolean) =>
  recorded((parent) =>
    createLogBucket("logs", { bucket: "wg-logs", accountId: "123456789012", retain }, parent),
  );

const onlyByTls = (name: string) => ({
  Sid: "OnlyByTls",
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: [`arn:${name}`, `arn:${name}/*`],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});
const leftovers = {
  id: "leftovers",
  status: "Enabled",
  filter: {},
  abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
  noncurrentVersionExpiration: { noncurrentDays: 30 },
  expiration: { expiredObjectDeleteMarker: true },
};

describe("bucket", () => {
  it("is a bucket and all that makes it safe, each once", async () => {
    const { resources, given } = await plain();
    assert.deepEqual(namesOf(resources), [
      "Bucket backups",
      "BucketLifecycleConfiguration backups",
      "BucketObject object",
      "BucketOwnershipControls backups",
      "BucketPolicy backups",
      "BucketPublicAccessBlock backups",
      "BucketServerSideEncryptionConfiguration backups",
      "BucketVersioning backups",
      "Parent parent",
    ]);
    assert.deepEqual(given, ["web-greetings-prod-backups", "arn:backups"]);
  });

  it("is encrypted, versioned, closed to the public, its owner's alone, and tidied", async () => {
    const { resources } = await plain();
    const bucket = "web-greetings-prod-backups";
    const inputs = (kind: string) => inputsOf(resources, kind, "backups");
    assert.deepEqual(inputs("Bucket"), {
      bucket,
      forceDestroy: false,
      tags: { purpose: "backups" },
    });
    assert.deepEqual(inputs("BucketServerSideEncryptionConfiguration"), {
      bucket,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
    assert.deepEqual(inputs("BucketVersioning"), {
      bucket,
      versioningConfiguration: { status: "Enabled" },
    });
    assert.deepEqual(inputs("BucketPublicAccessBlock"), {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    assert.deepEqual(inputs("BucketOwnershipControls"), {
      bucket,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    assert.deepEqual(inputs("BucketLifecycleConfiguration"), { bucket, rules: [leftovers] });
  });

  it("refuses whatever does not come by TLS, and lets nobody in besides", async () => {
    const { resources } = await plain();
    const { bucket, policy } = inputsOf(resources, "BucketPolicy", "backups");
    assert.equal(bucket, "web-greetings-prod-backups");
    assert.deepEqual(policy, {
      Version: "2012-10-17",
      Statement: [onlyByTls("backups")],
    });
  });

  it("deletes its objects after the days that it is given", async () => {
    const { resources } = await recorded((parent) =>
      createBucket("backups", { ...args, expireDays: 14 }, parent),
    );
    assert.deepEqual(inputsOf(resources, "BucketLifecycleConfiguration", "backups").rules, [
      leftovers,
      { id: "expiry", status: "Enabled", filter: {}, expiration: { days: 14 } },
    ]);
  });

  it("is protected where data is retained, and otherwise deleted with all that is in it", async () => {
    const thrownAway = await recorded((parent) =>
      createBucket("backups", { ...args, retain: false }, parent),
    );
    assert.equal(inputsOf(thrownAway.resources, "Bucket", "backups").forceDestroy, true);
    assert.deepEqual(thrownAway.isProtected, []);
    assert.deepEqual((await plain()).isProtected, ["Bucket backups"]);
  });

  it("is handed out only with its policy, encryption and versions", async () => {
    const { resources } = await plain();
    const before = (kind: string) => {
      const { after = [] } = resources.find(({ type }) => type.endsWith(`:${kind}`)) ?? {};
      return after.map((urn) => urn.replace(/^.*:(\w+)::backups$/, "$1")).sort();
    };
    assert.deepEqual(before("BucketObject"), [
      "Bucket",
      "BucketLifecycleConfiguration",
      "BucketOwnershipControls",
      "BucketPolicy",
      "BucketServerSideEncryptionConfiguration",
    ]);
    assert.deepEqual(before("BucketLifecycleConfiguration"), ["BucketVersioning"]);
    assert.ok(before("BucketPolicy").includes("BucketPublicAccessBlock"));
  });
});

describe("log bucket", () => {
  it("lets the account's load balancers write, and only add what is theirs", async () => {
    const { resources, given } = await logs(true);
    assert.deepEqual(inputsOf(resources, "BucketPolicy", "logs").policy, {
      Version: "2012-10-17",
      Statement: [
        onlyByTls("logs"),
        {
          Sid: "LoadBalancersWrite",
          Effect: "Allow",
          Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
          Action: "s3:PutObject",
          Resource: "arn:logs/AWSLogs/123456789012/*",
        },
      ],
    });
    assert.deepEqual(given, ["wg-logs", "arn:logs"]);
  });

  it("is encrypted by S3 itself, for load balancers cannot use another key", async () => {
    const { resources } = await logs(true);
    const { rules } = inputsOf(resources, "BucketServerSideEncryptionConfiguration", "logs");
    assert.deepEqual(rules, [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }]);
  });

  it("keeps logs for 90 days, and itself as the settings say", async () => {
    const [kept, thrownAway] = [await logs(true), await logs(false)];
    const { rules } = inputsOf(kept.resources, "BucketLifecycleConfiguration", "logs");
    const expiry = { id: "expiry", status: "Enabled", filter: {}, expiration: { days: 90 } };
    assert.deepEqual(rules, [leftovers, expiry]);
    assert.deepEqual([kept.isProtected, thrownAway.isProtected], [["Bucket logs"], []]);
    const forced = [kept, thrownAway].map(
      ({ resources }) => inputsOf(resources, "Bucket", "logs").forceDestroy,
    );
    assert.deepEqual(forced, [false, true]);
  });
});
