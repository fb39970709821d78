/**
 * What a page says of its commands: a piece of the command, and what it must print then. Where the
 * page names a value, that value; elsewhere what the account was filled with.
 */
export type Promises = readonly (readonly [piece: string, prints: RegExp])[];

/** Commands that the page says are refused, and by what. */
export const refused: Promises = [["s3api head-bucket", /\(404\)/]];

/** Operations that the AWS CLI 1 has not got, and 2 is not to be had out of PyPI. */
export const ofCli2 = ["logs tail", "sso login"];

/** A list as the CLI writes it, with so many members, all of the same kind. */
const listOf = (count: number, member: string) =>
  new RegExp(`^\\[\\s*(${member}(,\\s*)?){${count}}\\s*\\]\\s*$`);

const addons =
  "vpc-cni|kube-proxy|eks-pod-identity-agent|coredns|aws-ebs-csi-driver|metrics-server";
const role = '"yourcom-prod-(cluster|nodes)"';

export const awsPage: Promises = [
  ["get-caller-identity", /"Account": "123456789012"/],
  ["L-1216C47A", /^64$/m],
  ["L-0263D0A3", /^64$/m],
  ["describe-instance-type-offerings", listOf(3, '"eu-central-1[abc]"')],
  ["list-hosted-zones-by-name", /^\/hostedzone\/[A-Z0-9]+\n$/],
  ["DelegationSet.NameServers", listOf(4, '"ns-[^"]+"')],
  ["list-certificates", listOf(1, '"ISSUED"')],
  ["update-kubeconfig", /^Added new context yourcom-prod to /],
  ["describe-nat-gateways", listOf(3, '"available"')],
  ["cluster.[status", /^\[\s*"ACTIVE",\s*"1\.35",\s*\[\s*"198\.51\.100\.7\/32"\s*\]\s*\]\s*$/],
  ["list-addons", new RegExp(`^((${addons})\\tACTIVE\n){6}$`)],
  ["describe-target-health", listOf(2, '"healthy"')],
  ["list-user-pools", /^eu-central-1_\w+\n$/],
  ["list-users", /^operator@yourcom\.example\tFORCE_CHANGE_PASSWORD\n$/],
  ["get-token", /"kind": "ExecCredential"/],
  ["s3 sync", /upload: pages\/index\.html to s3:\/\/yourcom-prod-static\/index\.html/],
  ["list-distributions", /^[A-Z0-9]+\n$/],
  ["create-invalidation", /"Items": \[\s*"\/\*"\s*\]/],
  ["list-metrics", /"MetricName": "BlockedRequests"/],
  ["db-instance-class db.t4g.large", /"DBInstanceClass": "db\.t4g\.large"/],
  ["LatestRestorableTime", /^"\d{4}-\d\d-\d\dT[^"]+"$/m],
  ["to-point-in-time", /"DBInstanceIdentifier": "yourcom-prod-greetings-restored"/],
  ["DbiResourceId", /^yourcom-prod-greetings-lost\tdb-\w+\nyourcom-prod-greetings\tdb-\w+\n$/],
  ["create-open-id-connect-provider", /oidc-provider\/token\.actions\.githubusercontent\.com"/],
  ["create-access-entry", /"principalArn"/],
  ["associate-access-policy", /"accessScope"/],
  ["--region us-east-1", listOf(1, '"arn:aws:acm:us-east-1:123456789012:certificate/[^"]+"')],
  ["resourcegroupstaggingapi", /"arn:aws:(acm|ec2):[^"]+"/],
  ["list-roles", listOf(2, role)],
  ["list-nodegroups", /"nodegroupName": "nodes-eu-central-1a-0123456"/],
  ["delete-cluster", /"arn": "arn:aws:eks:eu-central-1:123456789012:cluster\/yourcom-prod"/],
  ["batch-delete-image", /"imageTag": "0123abcd"[\s\S]*"failures": \[\]/],
  ["create-db-snapshot", /"DBSnapshotIdentifier": "yourcom-prod-greetings-last"/],
  ["KmsKeyId", /^arn:aws:kms:eu-central-1:123456789012:key\/[0-9a-f-]+\n$/],
  ["cancel-key-deletion", /"KeyId": "arn:aws:kms:eu-central-1:123456789012:key\/[0-9a-f-]+"/],
  ["VolumeId,State,Size", /^vol-\w+\tavailable\t200\n$/],
];

export const nodesPage: Promises = [
  ["list-nodegroups", /"nodes-eu-central-1a-0123456"/],
  [
    "health.issues",
    /^\[\s*"ACTIVE",\s*"1\.35",\s*"[^"]+",\s*\{\s*"minSize": 1,[^}]*\},\s*\[\]\s*\]/,
  ],
  ["update-nodegroup-config", /"type": "ConfigUpdate"/],
  ["terminate-instance", /shrinking the capacity from 2 to 1/],
  ["get-parameter", /^\d+\.\d+\.\d+-\d{8}\n$/],
  ["list-insights", /^(.+\t(PASSING|WARNING)\n){2}$/],
  ["describe-addon-versions", /^(v1\.36\.0-eksbuild\.1\n){6}$/],
  ["update-addon", /"type": "AddonUpdate"/],
  ["start-session", /^session with \{"Target": "i-\w+"\}\n$/],
];
