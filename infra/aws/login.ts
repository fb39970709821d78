import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Seconds that a login is good for: a working day. */
const SESSION = 8 * 3600;
/** Minutes after which the load balancer asks anew whether the operator may still come in. */
const TOKEN_MINUTES = 60;
/** Days that the password of an invitation is good for. */
const INVITATION_DAYS = 3;

/** Who may log in, and where. */
export interface LoginArgs {
  /** What the pool is called, and the first label of the page's address: unique in the region. */
  readonly name: string;
  /** E-mail addresses of those who are invited. */
  readonly operators: readonly string[];
  /** Names that people open, all lower-case, behind the load balancer. */
  readonly hosts: readonly string[];
  /** True: AWS refuses to delete the pool with its users. */
  readonly retain: boolean;
}

/**
 * The login before web interfaces: a pool of users of Cognito, whom nobody but this stack invites, and
 * each of whom needs a password and the code of an app. The load balancer sends people there.
 */
export class Login extends pulumi.ComponentResource {
  /** What a rule of the load balancer does before it passes a request on. */
  readonly action: aws.types.input.lb.ListenerRuleAction;

  constructor(name: string, args: LoginArgs, opts?: pulumi.ComponentResourceOptions) {
    super("web-greetings:aws:Login", name, {}, opts);
    const pool = this.#createPool(name, args);
    const domain = new aws.cognito.UserPoolDomain(
      name,
      {
        domain: args.name,
        userPoolId: pool.id,
        // The classic pages: the newer ones show nothing before somebody has designed them.
        managedLoginVersion: 1,
      },
      { parent: this },
    );
    for (const email of args.operators) {
      new aws.cognito.User(
        `${name}-${email}`,
        {
          userPoolId: pool.id,
          username: email,
          attributes: { email, email_verified: "true" },
          desiredDeliveryMediums: ["EMAIL"],
        },
        { parent: this },
      );
    }
    this.action = {
      type: "authenticate-cognito",
      authenticateCognito: {
        userPoolArn: pool.arn,
        userPoolClientId: this.#createClient(name, args, pool).id,
        userPoolDomain: domain.domain,
        scope: "openid email",
        sessionTimeout: SESSION,
        onUnauthenticatedRequest: "authenticate",
      },
    };
    this.registerOutputs({});
  }

  #createPool(name: string, args: LoginArgs): aws.cognito.UserPool {
    return new aws.cognito.UserPool(
      name,
      {
        name: args.name,
        adminCreateUserConfig: { allowAdminCreateUserOnly: true },
        usernameAttributes: ["email"],
        usernameConfiguration: { caseSensitive: false },
        autoVerifiedAttributes: ["email"],
        mfaConfiguration: "ON",
        softwareTokenMfaConfiguration: { enabled: true },
        // Who has the mailbox gets a new password by it, and still lacks the app's code.
        accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
        passwordPolicy: {
          minimumLength: 14,
          requireLowercase: true,
          requireUppercase: true,
          requireNumbers: true,
          requireSymbols: true,
          temporaryPasswordValidityDays: INVITATION_DAYS,
        },
        deletionProtection: args.retain ? "ACTIVE" : "INACTIVE",
      },
      { parent: this },
    );
  }

  /** The load balancer, as Cognito knows it; AWS hands it the secret, which no rule names. */
  #createClient(
    name: string,
    { hosts }: LoginArgs,
    pool: aws.cognito.UserPool,
  ): aws.cognito.UserPoolClient {
    return new aws.cognito.UserPoolClient(
      name,
      {
        userPoolId: pool.id,
        generateSecret: true,
        allowedOauthFlowsUserPoolClient: true,
        allowedOauthFlows: ["code"],
        allowedOauthScopes: ["openid", "email"],
        supportedIdentityProviders: ["COGNITO"],
        // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
        callbackUrls: hosts.map((host) => `https://${host}/oauth2/idpresponse`),
        explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
        preventUserExistenceErrors: "ENABLED",
        enableTokenRevocation: true,
        accessTokenValidity: TOKEN_MINUTES,
        idTokenValidity: TOKEN_MINUTES,
        refreshTokenValidity: SESSION / 60,
        tokenValidityUnits: { accessToken: "minutes", idToken: "minutes", refreshToken: "minutes" },
      },
      { parent: this },
    );
  }
}
