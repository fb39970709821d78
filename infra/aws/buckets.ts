import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { after } from "./after.ts";

/** What a bucket holds and for how long. */
export interface BucketArgs {
  /** Name of the bucket, unique in all of AWS. */
  readonly bucket: string;
  /** What it holds, in words; a tag of the bucket. */
  readonly purpose: string;
  /** True: protected from deletion; false: deleted with all that is in it. */
  readonly retain: boolean;
  /** Days after which objects are deleted. @default never */
  readonly expireDays?: number;
}

/** Where the load balancer's access logs go. */
export interface LogBucketArgs {
  /** Name of the bucket, unique in all of AWS. */
  readonly bucket: string;
  /** Account whose load balancers write. */
  readonly accountId: pulumi.Input<string>;
  /** True: protected from deletion; false: deleted with all logs. */
  readonly retain: boolean;
}

/** A bucket that is ready for use: both are known only once its policy and encryption stand. */
export interface Bucket {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
}

/** Days that an overwritten or deleted object can still be had back. */
const previousVersionDays = 30;
const brokenUploadDays = 7;
const logDays = 90;

/**
 * A bucket that nobody else can read: encrypted, versioned, closed to the public, reached by TLS
 * only, and rid of old versions after 30 days.
 *
 * @param name resource name, unique in the stack
 */
export function createBucket(name: string, args: BucketArgs, parent: pulumi.Resource): Bucket {
  return secureBucket(name, makeBucket(name, args, parent), args, parent);
}

/**
 * A bucket for the access logs of the account's load balancers, kept 90 days. They can write only
 * where S3 encrypts with its own key, hence no key of ours:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 *
 * @param name resource name, unique in the stack
 */
export function createLogBucket(
  name: string,
  { bucket, accountId, retain }: LogBucketArgs,
  parent: pulumi.Resource,
): Bucket {
  const args = { bucket, purpose: "access logs of the load balancer", retain, expireDays: logDays };
  const made = makeBucket(name, args, parent);
  const delivery = {
    Sid: "LoadBalancersWrite",
    Effect: "Allow",
    Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
    Action: "s3:PutObject",
    // The service puts the account into the path, so others' load balancers cannot write here.
    Resource: pulumi.interpolate`${made.arn}/AWSLogs/${accountId}/*`,
  } as const;
  return secureBucket(name, made, args, parent, [delivery]);
}

/**
 * A bucket by itself, for `secureBucket`: its policy may speak of what is made of it.
 *
 * @param name resource name, unique in the stack
 */
export function makeBucket(
  name: string,
  { bucket, purpose, retain }: BucketArgs,
  parent: pulumi.Resource,
): aws.s3.Bucket {
  return new aws.s3.Bucket(
    name,
    { bucket, forceDestroy: !retain, tags: { purpose } },
    { parent, protect: retain },
  );
}

/**
 * Makes a bucket safe, as `createBucket` describes.
 *
 * @param name resource name, that of the bucket
 * @param allowed statements for whom its policy lets in besides the account
 */
export function secureBucket(
  name: string,
  bucket: aws.s3.Bucket,
  args: Pick<BucketArgs, "expireDays">,
  parent: pulumi.Resource,
  allowed: readonly aws.iam.PolicyStatement[] = [],
): Bucket {
  const ownership = new aws.s3.BucketOwnershipControls(
    name,
    { bucket: bucket.bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
    { parent },
  );
  const encryption = new aws.s3.BucketServerSideEncryptionConfiguration(
    name,
    {
      bucket: bucket.bucket,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    },
    { parent },
  );
  const lifecycle = tidy(name, bucket, args, parent);
  const policy = close(name, bucket, allowed, parent);
  const ready = [ownership, encryption, lifecycle, policy];
  return { name: after(bucket.bucket, ready), arn: after(bucket.arn, ready) };
}

/** Keeps versions, and clears away what is left of them. */
function tidy(
  name: string,
  bucket: aws.s3.Bucket,
  { expireDays }: Pick<BucketArgs, "expireDays">,
  parent: pulumi.Resource,
): aws.s3.BucketLifecycleConfiguration {
  const versioning = new aws.s3.BucketVersioning(
    name,
    { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
    { parent },
  );
  const rules = [
    {
      id: "leftovers",
      status: "Enabled",
      filter: {},
      abortIncompleteMultipartUpload: { daysAfterInitiation: brokenUploadDays },
      noncurrentVersionExpiration: { noncurrentDays: previousVersionDays },
      expiration: { expiredObjectDeleteMarker: true },
    },
  ];
  const expiry = { id: "expiry", status: "Enabled", filter: {}, expiration: { days: expireDays } };
  return new aws.s3.BucketLifecycleConfiguration(
    name,
    // By way of the versioning: S3 takes rules for old versions of a versioned bucket only.
    { bucket: versioning.bucket, rules: expireDays === undefined ? rules : [...rules, expiry] },
    { parent },
  );
}

/** Closes a bucket to the public and to requests in clear. */
function close(
  name: string,
  bucket: aws.s3.Bucket,
  allowed: readonly aws.iam.PolicyStatement[],
  parent: pulumi.Resource,
): aws.s3.BucketPolicy {
  const closed = new aws.s3.BucketPublicAccessBlock(
    name,
    {
      bucket: bucket.bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    { parent },
  );
  const onlyByTls: aws.iam.PolicyStatement = {
    Sid: "OnlyByTls",
    Effect: "Deny",
    Principal: "*",
    // A denial, so all there is: a list would let the next action of S3 through in clear.
    Action: "s3:*",
    Resource: [bucket.arn, pulumi.interpolate`${bucket.arn}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
  return new aws.s3.BucketPolicy(
    name,
    {
      // By way of the block: S3 refuses one of two such changes at the same time.
      bucket: closed.bucket,
      policy: { Version: "2012-10-17", Statement: [onlyByTls, ...allowed] },
    },
    { parent },
  );
}
