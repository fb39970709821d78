import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Bucket, makeBucket, secureBucket } from "./buckets.ts";
import type { Zone } from "./dns.ts";

/** CloudFront takes certificates of this region alone. */
const CERTIFICATES = "us-east-1";
/** Policies that AWS keeps under the same ids in all accounts. */
const CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03";
/** Seconds that CloudFront remembers that a page is not there. */
const MISSING_TTL = 10;

/** Which pages are shown, and under which name. */
export interface CdnArgs {
  /** Name of the bucket that the pages are put in, unique in all of AWS. */
  readonly bucket: string;
  /** Name that people open, in the zone's domain. */
  readonly host: string;
  /** Where the host gets its name, and the proof that it is ours. */
  readonly zone: Pick<Zone, "record" | "certificate">;
  /** True: the bucket is protected; otherwise it goes with all pages. */
  readonly retain: boolean;
}

/**
 * Web pages out of a bucket, by CloudFront: by HTTPS alone, and from TLS 1.2 on. Nobody else gets
 * at the bucket: the distribution signs what it asks for, and S3 answers this one distribution.
 *
 * It keeps no access logs: those of the old kind need a bucket with ACLs.
 */
export class Cdn extends pulumi.ComponentResource {
  /** URL that people open, known once pages can be read. */
  readonly url: pulumi.Output<string>;
  /** Name of the bucket that pages are put in. */
  readonly bucket: pulumi.Output<string>;

  constructor(name: string, args: CdnArgs, opts?: pulumi.ComponentResourceOptions) {
    super("web-greetings:aws:Cdn", name, {}, opts);
    const { bucket, host, zone, retain } = args;
    const pages = makeBucket(name, { bucket, purpose: "web pages", retain }, this);
    const distribution = this.#distribution(name, args, pages);
    const secured = this.#admit(name, pages, distribution);
    this.bucket = secured.name;
    // The name comes after the bucket's policy, and goes before it.
    const dnsName = pulumi
      .all([distribution.domainName, secured.name])
      .apply(([domainName]) => domainName);
    const { hostedZoneId: zoneId } = distribution;
    const named = zone.record(name, host, { dnsName, zoneId, tellsHealth: false });
    this.url = pulumi.interpolate`https://${named}`;
    this.registerOutputs({ url: this.url, bucket: this.bucket });
  }

  #distribution(
    name: string,
    { host, zone }: CdnArgs,
    pages: aws.s3.Bucket,
  ): aws.cloudfront.Distribution {
    const access = new aws.cloudfront.OriginAccessControl(
      name,
      {
        description: `signs requests for the pages of ${host}`,
        originAccessControlOriginType: "s3",
        signingBehavior: "always",
        signingProtocol: "sigv4",
      },
      { parent: this },
    );
    return new aws.cloudfront.Distribution(
      name,
      {
        enabled: true,
        comment: host,
        aliases: [host],
        httpVersion: "http2and3",
        isIpv6Enabled: true,
        defaultRootObject: "index.html",
        origins: [
          {
            originId: name,
            domainName: pages.bucketRegionalDomainName,
            originAccessControlId: access.id,
          },
        ],
        defaultCacheBehavior: {
          targetOriginId: name,
          viewerProtocolPolicy: "redirect-to-https",
          allowedMethods: ["GET", "HEAD"],
          cachedMethods: ["GET", "HEAD"],
          compress: true,
          cachePolicyId: CACHING_OPTIMIZED,
          responseHeadersPolicyId: SECURITY_HEADERS,
        },
        customErrorResponses: [
          {
            // S3 says 403 of what is not there to who may not list what is.
            errorCode: 403,
            responseCode: 404,
            responsePagePath: "/404.html",
            errorCachingMinTtl: MISSING_TTL,
          },
        ],
        restrictions: { geoRestriction: { restrictionType: "none" } },
        viewerCertificate: {
          acmCertificateArn: zone.certificate(name, [host], CERTIFICATES),
          minimumProtocolVersion: "TLSv1.2_2021",
          sslSupportMethod: "sni-only",
        },
      },
      { parent: this },
    );
  }

  /** Lets the distribution read the pages, and no other one, of whichever account. */
  #admit(name: string, pages: aws.s3.Bucket, distribution: aws.cloudfront.Distribution): Bucket {
    return secureBucket(name, pages, {}, this, [
      {
        Sid: "DistributionReads",
        Effect: "Allow",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Action: "s3:GetObject",
        Resource: pulumi.interpolate`${pages.arn}/*`,
        Condition: { StringEquals: { "AWS:SourceArn": distribution.arn } },
      },
    ]);
  }
}
