import { bare, type PropertyMap, type PropertyValue, Secret } from "../rpc/index.ts";
import type { Settings } from "./settings.ts";

const ZONE = "Z0123456789EXAMPLE";
const TOKEN = "example-of-the-stand-in";

type Answer = (args: PropertyMap, region: string, account: string) => PropertyMap;

const FUNCTIONS: Readonly<Record<string, Answer>> = {
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": (args, region, account) => ({
    authorizationToken: new Secret(Buffer.from(`AWS:${TOKEN}`).toString("base64")),
    expiresAt: "2000-01-01T00:00:00Z",
    id: region,
    password: new Secret(TOKEN),
    proxyEndpoint: `https://${text(args.registryId) || account}.dkr.ecr.${region}.amazonaws.com`,
    region,
    userName: "AWS",
  }),
  "aws:index/getCallerIdentity:getCallerIdentity": (_args, _region, account) => ({
    accountId: account,
    arn: `arn:aws:iam::${account}:user/preview`,
    id: account,
    userId: "AIDAEXAMPLE",
  }),
  "aws:index/getRegion:getRegion": (_args, region) => ({
    description: region,
    endpoint: `ec2.${region}.amazonaws.com`,
    id: region,
    name: region,
    region,
  }),
  "aws:route53/getZone:getZone": (args) => getZone(text(args.zoneId), text(args.name)),
};

/**
 * Answers a call of a function with an example, as nothing is asked of AWS. Throws for functions
 * that have none.
 */
export function answer(settings: Settings, token: string, args: PropertyMap): PropertyMap {
  const found = FUNCTIONS[token];
  if (found === undefined) {
    const names = Object.keys(FUNCTIONS).map((one) => one.split(":").at(-1));
    throw new Error(
      `the aws stand-in does not know the function ${token}; allowed: ${names.join(", ")}; ` +
        "others need the real aws plugin",
    );
  }
  return found(args, text(args.region) || (settings.region ?? ""), settings.account);
}

function getZone(zoneId: string, name: string): PropertyMap {
  if (zoneId === "" && name === "") {
    throw new Error("getZone got neither a name nor a zoneId; allowed: one of them");
  }
  const id = zoneId || ZONE;
  return {
    arn: `arn:aws:route53:::hostedzone/${id}`,
    callerReference: "",
    comment: "",
    id,
    linkedServiceDescription: "",
    linkedServicePrincipal: "",
    name: name.replace(/\.$/, "") || "example.com",
    nameServers: ["ns-1.example.com", "ns-2.example.com"],
    primaryNameServer: "ns-1.example.com",
    privateZone: false,
    resourceRecordSetCount: 2,
    tags: {},
    zoneId: id,
  };
}

function text(value: PropertyValue | undefined): string {
  const given = bare(value);
  return typeof given === "string" ? given : "";
}
