/** Runs a command of the CLI, without `aws` in front, and hands out what it prints as text. */
export type Aws = (command: string) => Promise<string>;

/** The name of everything, `<name>-<stack>`. */
const name = "yourcom-prod";
const zones = ["a", "b", "c"].map((letter) => `eu-central-1${letter}`);
const roleOf = (what: string) => `arn:aws:iam::123456789012:role/${name}-${what}`;
/** What the program tags everything with, in the CLI's two ways to write that. */
const tags = { project: "web-greetings", stack: "prod", owner: "yourcom" };
const list = Object.entries(tags).map(([key, value]) => `Key=${key},Value=${value}`);
const tagged = `--tags ${list.join(" ")}`;
const map = `--tags ${Object.entries(tags).map((pair) => pair.join("="))}`;
const specified = (type: string) =>
  `--tag-specifications 'ResourceType=${type},Tags=[${list.map((one) => `{${one}}`)}]'`;

const IMAGE = "application/vnd.docker.distribution.manifest.v2+json";

/** What of the network others are made in. */
interface Net {
  readonly vpc: string;
  /** A subnet a zone. */
  readonly subnets: readonly string[];
  readonly group: string;
}

async function network(aws: Aws): Promise<Net> {
  const cidr = "--cidr-block 10.64.0.0/16";
  const vpc = await aws(`ec2 create-vpc ${cidr} ${specified("vpc")} --query Vpc.VpcId`);
  const subnets: string[] = [];
  for (const [index, zone] of zones.entries()) {
    const where = `--vpc-id ${vpc} --availability-zone ${zone} --cidr-block 10.64.${index * 16}.0/20`;
    const subnet = await aws(`ec2 create-subnet ${where} --query Subnet.SubnetId`);
    subnets.push(subnet);
    const nat = `--subnet-id ${subnet} --connectivity-type private ${specified("natgateway")}`;
    await aws(`ec2 create-nat-gateway ${nat}`);
  }
  const about = `--vpc-id ${vpc} --group-name ${name} --description database`;
  const group = await aws(`ec2 create-security-group ${about} --query GroupId`);
  return { vpc, subnets, group };
}

/** The cluster with a node group, whose name is as nodes.md has it, and that one's machines. */
async function cluster(aws: Aws, { subnets, group }: Net): Promise<readonly string[]> {
  for (const what of ["cluster", "nodes"]) {
    const trust = `--assume-role-policy-document '{"Version": "2012-10-17"}'`;
    await aws(`iam create-role --role-name ${name}-${what} ${trust} ${tagged}`);
  }
  const inside = `subnetIds=${subnets},publicAccessCidrs=198.51.100.7/32`;
  const config = `--kubernetes-version 1.35 --resources-vpc-config ${inside} --deletion-protection`;
  await aws(`eks create-cluster --name ${name} --role-arn ${roleOf("cluster")} ${config} ${map}`);
  const nodes = `--nodegroup-name nodes-eu-central-1a-0123456 --node-role ${roleOf("nodes")}`;
  const size = "--scaling-config minSize=1,maxSize=3,desiredSize=1 --kubernetes-version 1.35";
  await aws(`eks create-nodegroup --cluster-name ${name} ${nodes} --subnets ${subnets[0]} ${size}`);
  const template = `--launch-configuration-name ${name} --image-id ami-12c6146b --security-groups`;
  await aws(
    `autoscaling create-launch-configuration ${template} ${group} --instance-type m7i.xlarge`,
  );
  const scaling = `--auto-scaling-group-name ${name} --launch-configuration-name ${name}`;
  const where = `--min-size 1 --max-size 3 --desired-capacity 2 --vpc-zone-identifier ${subnets[0]}`;
  await aws(`autoscaling create-auto-scaling-group ${scaling} ${where}`);
  const ids = "AutoScalingGroups[].Instances[].InstanceId";
  return (await aws(`autoscaling describe-auto-scaling-groups --query ${ids}`)).split(/\s+/);
}

/** The certificates of two regions, of which only the stack's own is asked for by its name. */
async function names(aws: Aws): Promise<void> {
  await aws(`route53 create-hosted-zone --name yourcom.example --caller-reference ${name}`);
  const request = `acm request-certificate --validation-method DNS ${tagged} --domain-name`;
  for (const [domain, region] of [
    ["yourcom.example", "eu-central-1"],
    ["static.yourcom.example", "us-east-1"],
  ]) {
    await aws(`${request} ${domain} --region ${region}`);
  }
}

async function loadBalancer(aws: Aws, net: Net, nodes: readonly string[]): Promise<void> {
  const targets = `--protocol HTTPS --port 30443 --vpc-id ${net.vpc} ${tagged}`;
  const arn = "TargetGroups[0].TargetGroupArn";
  for (const group of ["web-0123456", "console-0123456"]) {
    const made = await aws(`elbv2 create-target-group --name ${group} ${targets} --query ${arn}`);
    const ids = nodes.map((id) => `Id=${id}`).join(" ");
    await aws(`elbv2 register-targets --target-group-arn ${made} --targets ${ids}`);
    const where = `--name ${group} --subnets ${net.subnets.join(" ")}`;
    const of = "LoadBalancers[0].LoadBalancerArn";
    const balancer = await aws(`elbv2 create-load-balancer ${where} --query ${of}`);
    const to = `--protocol HTTP --port 80 --default-actions Type=forward,TargetGroupArn=${made}`;
    await aws(`elbv2 create-listener --load-balancer-arn ${balancer} ${to}`);
  }
}

async function people(aws: Aws): Promise<void> {
  await aws("cognito-idp create-user-pool --pool-name somebody-else");
  const pool = await aws(`cognito-idp create-user-pool --pool-name ${name} --query UserPool.Id`);
  const user = `--user-pool-id ${pool} --username operator@yourcom.example`;
  await aws(`cognito-idp admin-create-user ${user}`);
}

/** A distribution, as little of it as CloudFront takes. */
function distribution(reference: string, aliases: readonly string[]): string {
  const behaviour = { TargetOriginId: "pages", ViewerProtocolPolicy: "redirect-to-https" };
  const origin = { Id: "pages", DomainName: `${name}-static.s3.amazonaws.com` };
  const config = {
    CallerReference: reference,
    Comment: "",
    Enabled: true,
    Aliases: { Quantity: aliases.length, ...(aliases.length > 0 ? { Items: aliases } : {}) },
    DefaultCacheBehavior: behaviour,
    Origins: { Quantity: 1, Items: [{ ...origin, S3OriginConfig: { OriginAccessIdentity: "" } }] },
  };
  return `cloudfront create-distribution --distribution-config '${JSON.stringify(config)}'`;
}

/** The web pages' distribution, and one of somebody else without a name of its own. */
async function pages(aws: Aws): Promise<void> {
  for (const bucket of ["logs", "infra", "backups", "static"]) {
    const where = "--create-bucket-configuration LocationConstraint=eu-central-1";
    await aws(`s3api create-bucket --bucket ${name}-${bucket} ${where}`);
  }
  await aws(distribution("other", []));
  await aws(distribution("static", ["static.yourcom.example"]));
}

async function database(aws: Aws, { subnets, group }: Net): Promise<void> {
  const db = `${name}-greetings`;
  const about = `--db-subnet-group-name ${db} --db-subnet-group-description database`;
  await aws(`rds create-db-subnet-group ${about} --subnet-ids ${subnets.join(" ")}`);
  const family = `--db-parameter-group-name ${db} --db-parameter-group-family postgres17`;
  await aws(`rds create-db-parameter-group ${family} --description database`);
  const size = "--engine postgres --db-instance-class db.t4g.medium --allocated-storage 20";
  const inside = `--db-subnet-group-name ${db} --db-parameter-group-name ${db}`;
  // Not a password of anything: nobody listens there.
  const owner = `--master-username greetings --master-user-password testing-testing ${tagged}`;
  const rest = `${inside} ${owner} --vpc-security-group-ids ${group} --backup-retention-period 14`;
  await aws(`rds create-db-instance --db-instance-identifier ${db} ${size} ${rest}`);
}

/** The firewall's log and figures, and an image of the API. */
async function rest(aws: Aws): Promise<void> {
  await aws(`logs create-log-group --log-group-name aws-waf-logs-${name}`);
  const figure = "MetricName=BlockedRequests,Value=1,Dimensions=[{Name=WebACL,Value=web}]";
  await aws(`cloudwatch put-metric-data --namespace AWS/WAFV2 --metric-data '${figure}'`);
  await aws(`ecr create-repository --repository-name ${name}/api`);
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: IMAGE, config: {}, layers: [] });
  const image = `--repository-name ${name}/api --image-tag 0123abcd`;
  await aws(`ecr put-image ${image} --image-manifest '${manifest}'`);
}

async function volumes(aws: Aws): Promise<void> {
  const key = await aws("kms create-key --query KeyMetadata.Arn");
  const where = `--availability-zone ${zones[0]} --size 200 --encrypted --kms-key-id ${key}`;
  await aws(`ec2 create-volume ${where} ${specified("volume")}`);
}

/**
 * Fills an account with what the commands of the pages look for, as the prod stack makes it.
 *
 * @returns the node's ID, as Kubernetes has it
 */
export async function fillAccount(aws: Aws): Promise<string> {
  const net = await network(aws);
  const nodes = await cluster(aws, net);
  await names(aws);
  await loadBalancer(aws, net, nodes);
  await people(aws);
  await pages(aws);
  await database(aws, net);
  await rest(aws);
  await volumes(aws);
  return `aws:///${zones[0]}/${nodes[0]}`;
}
