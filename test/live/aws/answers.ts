/** What the CLI asked. */
export interface Question {
  readonly method: string;
  readonly url: URL;
  /** Header `x-amz-target` of services that have one address for all. */
  readonly target: string;
  readonly body: string;
}

/** An operation that moto has not got, or not so. */
interface Lacking {
  readonly why: string;
  /** Method and path, or the header `x-amz-target`. */
  readonly asked: RegExp;
  /** What is told, as JSON. The CLI drops what AWS' own model of the service does not have. */
  readonly answer: (question: Question) => unknown;
}

/** The addons of `infra/aws/addons.ts`. */
const ADDONS = [
  ...["vpc-cni", "kube-proxy", "eks-pod-identity-agent"],
  ...["coredns", "aws-ebs-csi-driver", "metrics-server"],
];

/** Of two versions the older one is what EKS takes by default. */
function addonVersions({ url }: Question): unknown {
  const [name, version] = ["addonName", "kubernetesVersion"].map((of) => url.searchParams.get(of));
  const compatible = (defaultVersion: boolean) => [
    { clusterVersion: version, platformVersions: ["*"], defaultVersion },
  ];
  const addonVersions = [
    { addonVersion: "v1.36.1-eksbuild.2", compatibilities: compatible(false) },
    { addonVersion: "v1.36.0-eksbuild.1", compatibilities: compatible(true) },
  ];
  return { addons: [{ addonName: name, type: "networking", addonVersions }] };
}

const insights = [
  { id: "1", name: "Deprecated APIs removed in Kubernetes v1.36", status: "PASSING" },
  { id: "2", name: "EKS add-on version compatibility", status: "WARNING" },
].map(({ status, ...insight }) => ({ ...insight, insightStatus: { status, reason: "" } }));

function lastOf({ url }: Question): string | undefined {
  return url.pathname.split("/").at(-1);
}

const NO_ADDONS = "moto's EKS has no addons";
const NO_ARN = "moto's KMS takes keys by their ID alone here, AWS by their ARN as well";

/** What moto 5.2.5 lacks, by the operation as it is typed. */
export const lacking: Readonly<Record<string, Lacking>> = {
  "service-quotas get-service-quota": {
    why: "moto knows quotas of the VPC alone",
    asked: /^ServiceQuotasV20190624\.GetServiceQuota$/,
    answer: ({ body }) => ({ Quota: { ...JSON.parse(body), Value: 64 } }),
  },
  "eks list-addons": {
    why: NO_ADDONS,
    asked: /^GET \/clusters\/[^/]+\/addons$/,
    answer: () => ({ addons: ADDONS }),
  },
  "eks describe-addon": {
    why: NO_ADDONS,
    asked: /^GET \/clusters\/[^/]+\/addons\/[^/]+$/,
    answer: (question) => ({ addon: { addonName: lastOf(question), status: "ACTIVE" } }),
  },
  "eks describe-addon-versions": {
    why: NO_ADDONS,
    asked: /^GET \/addons\/supported-versions$/,
    answer: addonVersions,
  },
  "eks update-addon": {
    why: NO_ADDONS,
    asked: /^POST \/clusters\/[^/]+\/addons\/[^/]+\/update$/,
    answer: () => ({ update: { id: "1", status: "InProgress", type: "AddonUpdate" } }),
  },
  "eks list-insights": {
    why: "moto's EKS has no insights",
    asked: /^POST \/clusters\/[^/]+\/insights$/,
    answer: () => ({ insights }),
  },
  "kms cancel-key-deletion": {
    why: NO_ARN,
    asked: /^TrentService\.CancelKeyDeletion$/,
    answer: ({ body }) => JSON.parse(body),
  },
  "kms enable-key": {
    why: NO_ARN,
    asked: /^TrentService\.EnableKey$/,
    answer: () => ({}),
  },
  "ssm get-parameter": {
    why: "moto has no images of EKS",
    asked: /^AmazonSSM\.GetParameter$/,
    answer: ({ body }) => ({ Parameter: { ...JSON.parse(body), Value: "1.35.2-20261105" } }),
  },
  "ssm start-session": {
    why: "moto has no sessions",
    asked: /^AmazonSSM\.StartSession$/,
    answer: () => ({
      SessionId: "operator-0",
      TokenValue: "testing",
      StreamUrl: "wss://127.0.0.1",
    }),
  },
};

/** Who could answer a question that moto could not; undefined where moto is to be asked. */
export function whoAnswers({ target, method, url }: Question): Lacking | undefined {
  const asked = target || `${method} ${url.pathname}`;
  return Object.values(lacking).find((one) => one.asked.test(asked));
}
