import assert from "node:assert/strict";
import { Cdn } from "../../../infra/aws/cdn.ts";
import { Zone } from "../../../infra/aws/dns.ts";
import { neededBy } from "../../graph.ts";
import { type Recorded, settle } from "../../mocks.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { namesOf, protectedIn, recordAws } from "./recordAws.ts";

const host = "static.yourcom.example";
const bucket = "yourcom-prod-static";

/** What is recorded of web pages, the zone left out, and what they give. */
async function pages(retain = true) {
  let given: readonly string[] = [];
  const resources = await recordAws(async (opts) => {
    const zone = new Zone("zone", { domain: "yourcom.example", create: true, retain }, opts);
    const cdn = new Cdn("static", { bucket, host, zone, retain }, opts);
    given = [await settle(cdn.url), await settle(cdn.bucket)];
  });
  return { resources, given };
}

let resources: readonly Recorded[] = [];
let given: readonly string[] = [];
before(async () => {
  ({ resources, given } = await pages());
});

describe("web pages", () => {
  it("are a bucket with all that makes it safe, a distribution, a certificate and two names", () => {
    assert.deepEqual(namesOf(resources), [
      "Certificate zone-static",
      "CertificateValidation zone-static",
      "Distribution static",
      "OriginAccessControl static",
      "Record zone-static-a",
      "Record zone-static-aaaa",
      `Record zone-validation-${host}`,
      "Zone zone",
      "Bucket static",
      "BucketLifecycleConfiguration static",
      "BucketOwnershipControls static",
      "BucketPolicy static",
      "BucketPublicAccessBlock static",
      "BucketServerSideEncryptionConfiguration static",
      "BucketVersioning static",
      "Cdn static",
      "Zone zone",
    ]);
    assert.deepEqual(given, [`https://${host}`, bucket]);
  });

  it("are shown by HTTPS alone, cached, packed, and with headers that guard them", () => {
    assert.deepEqual(inputsOf(resources, "Distribution", "static"), {
      enabled: true,
      comment: host,
      aliases: [host],
      httpVersion: "http2and3",
      isIpv6Enabled: true,
      defaultRootObject: "index.html",
      origins: [
        {
          originId: "static",
          domainName: `${bucket}.s3.eu-central-1.amazonaws.com`,
          originAccessControlId: "static-id",
        },
      ],
      defaultCacheBehavior: {
        targetOriginId: "static",
        viewerProtocolPolicy: "redirect-to-https",
        allowedMethods: ["GET", "HEAD"],
        cachedMethods: ["GET", "HEAD"],
        compress: true,
        cachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
        responseHeadersPolicyId: "67f7725c-6f97-4210-82d7-5512b31e9d03",
      },
      customErrorResponses: [
        {
          errorCode: 403,
          responseCode: 404,
          responsePagePath: "/404.html",
          errorCachingMinTtl: 10,
        },
      ],
      restrictions: { geoRestriction: { restrictionType: "none" } },
      viewerCertificate: {
        acmCertificateArn: "arn:zone-static",
        minimumProtocolVersion: "TLSv1.2_2021",
        sslSupportMethod: "sni-only",
      },
    });
  });

  it("are read by their distribution alone, which signs every request", () => {
    const { policy } = inputsOf(resources, "BucketPolicy", "static");
    assert.deepEqual(
      policy.Statement.filter(({ Effect }: { readonly Effect: string }) => Effect === "Allow"),
      [
        {
          Sid: "DistributionReads",
          Effect: "Allow",
          Principal: { Service: "cloudfront.amazonaws.com" },
          Action: "s3:GetObject",
          Resource: "arn:static/*",
          Condition: { StringEquals: { "AWS:SourceArn": "arn:static" } },
        },
      ],
    );
    assert.deepEqual(inputsOf(resources, "OriginAccessControl", "static"), {
      description: `signs requests for the pages of ${host}`,
      originAccessControlOriginType: "s3",
      signingBehavior: "always",
      signingProtocol: "sigv4",
    });
  });

  it("have their certificate where CloudFront looks for it, proven in the same zone", () => {
    const region = "us-east-1";
    assert.deepEqual(inputsOf(resources, "Certificate", "zone-static"), {
      domainName: host,
      validationMethod: "DNS",
      region,
    });
    assert.deepEqual(inputsOf(resources, "CertificateValidation", "zone-static"), {
      certificateArn: "arn:zone-static",
      validationRecordFqdns: [`_proof.${host}`],
      region,
    });
  });

  it("have names that lead to the distribution, of whose health Route 53 knows nothing", () => {
    for (const type of ["A", "AAAA"]) {
      assert.deepEqual(inputsOf(resources, "Record", `zone-static-${type.toLowerCase()}`), {
        zoneId: "ZMADE",
        name: host,
        type,
        aliases: [
          { name: "static.cloudfront.example", zoneId: "ZCDN", evaluateTargetHealth: false },
        ],
      });
    }
  });

  it("lose their name first, then the bucket's leave, then the distribution, the bucket last", () => {
    const order = ["Record zone-static-a", "BucketPolicy static", "Distribution static"];
    for (const [index, key] of [...order.entries()]) {
      const needs = neededBy(resources, key);
      for (const later of [...order.slice(index + 1), "Bucket static", "Certificate zone-static"]) {
        assert.ok(needs.has(later), `${key} does not wait for ${later}`);
      }
    }
  });

  it("are kept, or thrown away, as the settings say", async () => {
    const thrownAway = (await pages(false)).resources;
    assert.deepEqual(protectedIn(resources), ["Zone zone", "Bucket static"]);
    assert.deepEqual(protectedIn(thrownAway), []);
    assert.deepEqual(inputsOf(thrownAway, "Bucket", "static"), {
      bucket,
      forceDestroy: true,
      tags: { purpose: "web pages" },
    });
  });
});
