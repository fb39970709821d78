import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AppName, ImageStore, RegistryLogin } from "../images.ts";

/** Images of an app that stay; each is another content, so the newest is the one that runs. */
const KEPT_IMAGES = 20;
const UNTAGGED_DAYS = 7;

/** What a registry holds. */
export interface RegistryArgs {
  /** Prefix of the repositories' names: `<name>/<app>`. */
  readonly name: string;
  /** Apps that get a repository each. */
  readonly apps: readonly AppName[];
  /** True: a repository that still holds images cannot be deleted. */
  readonly retain: boolean;
}

/**
 * The registry of our own images on ECR: a repository for each app, whose tags never change once
 * pushed and whose images are encrypted, and scanned as they come in.
 */
export class Registry extends pulumi.ComponentResource implements ImageStore {
  readonly immutableTags = true;
  /** That of the nodes. */
  readonly platform = "linux/amd64";
  /** Who pushes: whoever runs the program, by a password that is good for 12 hours; secret. */
  readonly login: RegistryLogin;
  readonly #urls: ReadonlyMap<AppName, pulumi.Output<string>>;

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("web-greetings:aws:Registry", name, {}, opts);
    this.#urls = new Map(args.apps.map((app) => [app, this.#createRepository(name, app, args)]));
    const token = aws.ecr.getAuthorizationTokenOutput({}, { parent: this });
    this.login = {
      server: token.proxyEndpoint,
      username: token.userName,
      password: pulumi.secret(token.password),
    };
    this.registerOutputs({ repositories: Object.fromEntries(this.#urls) });
  }

  /**
   * Where the images of an app are, `<account>.dkr.ecr.<region>.amazonaws.com/<name>/<app>`.
   *
   * @throws Error when the registry was made without that app
   */
  repositoryUrl(app: AppName): pulumi.Output<string> {
    const url = this.#urls.get(app);
    if (url === undefined) {
      throw new Error(
        `no repository of app "${app}"; the registry has: ${[...this.#urls.keys()].join(", ")}`,
      );
    }
    return url;
  }

  #createRepository(name: string, app: AppName, args: RegistryArgs): pulumi.Output<string> {
    const repository = new aws.ecr.Repository(
      `${name}-${app}`,
      {
        name: `${args.name}/${app}`,
        imageTagMutability: "IMMUTABLE",
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [{ encryptionType: "KMS" }],
        forceDelete: !args.retain,
      },
      { parent: this },
    );
    new aws.ecr.LifecyclePolicy(
      `${name}-${app}`,
      { repository: repository.name, policy: JSON.stringify(lifecycle) },
      { parent: this },
    );
    return repository.repositoryUrl;
  }
}

const lifecycle = {
  rules: [
    {
      rulePriority: 1,
      description: `untagged images go after ${UNTAGGED_DAYS} days`,
      selection: {
        tagStatus: "untagged",
        countType: "sinceImagePushed",
        countUnit: "days",
        countNumber: UNTAGGED_DAYS,
      },
      action: { type: "expire" },
    },
    {
      rulePriority: 2,
      description: `the last ${KEPT_IMAGES} tagged images stay`,
      selection: {
        tagStatus: "tagged",
        tagPatternList: ["*"],
        countType: "imageCountMoreThan",
        countNumber: KEPT_IMAGES,
      },
      action: { type: "expire" },
    },
  ],
};
