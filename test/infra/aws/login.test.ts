import assert from "node:assert/strict";
import { Login, type LoginArgs } from "../../../infra/aws/login.ts";
import { neededBy } from "../../graph.ts";
import { inputsOf } from "../../workloads/rooms.ts";
import { namesOf, recordAws } from "./recordAws.ts";

const usual: LoginArgs = {
  name: "yourcom-prod",
  operators: ["ann@yourcom.example", "bob@yourcom.example"],
  hosts: ["consul.yourcom.example", "grafana.yourcom.example"],
  retain: true,
};

/** What is recorded of a login that is otherwise as usual, and the action that it hands out. */
async function recorded(wishes: Partial<LoginArgs> = {}) {
  const given: Login[] = [];
  const resources = await recordAws((opts) => {
    given.push(new Login("login", { ...usual, ...wishes }, opts));
  });
  return { resources, login: given[0] };
}

describe("login", () => {
  it("is a pool with its page's address, the load balancer in it, and an operator each", async () => {
    assert.deepEqual(namesOf((await recorded()).resources), [
      "User login-ann@yourcom.example",
      "User login-bob@yourcom.example",
      "UserPool login",
      "UserPoolClient login",
      "UserPoolDomain login",
      "Login login",
    ]);
  });

  it("takes nobody who was not invited, or comes without a password and a code", async () => {
    const { resources } = await recorded();
    assert.deepEqual(inputsOf(resources, "UserPool", "login"), {
      name: "yourcom-prod",
      adminCreateUserConfig: { allowAdminCreateUserOnly: true },
      usernameAttributes: ["email"],
      usernameConfiguration: { caseSensitive: false },
      autoVerifiedAttributes: ["email"],
      mfaConfiguration: "ON",
      softwareTokenMfaConfiguration: { enabled: true },
      accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
      passwordPolicy: {
        minimumLength: 14,
        requireLowercase: true,
        requireUppercase: true,
        requireNumbers: true,
        requireSymbols: true,
        temporaryPasswordValidityDays: 3,
      },
      deletionProtection: "ACTIVE",
    });
  });

  it("can be deleted where nothing is retained", async () => {
    const { resources } = await recorded({ retain: false });
    const { deletionProtection } = inputsOf(resources, "UserPool", "login");
    assert.equal(deletionProtection, "INACTIVE");
  });

  it("invites each operator by mail", async () => {
    const { resources } = await recorded();
    assert.deepEqual(inputsOf(resources, "User", "login-ann@yourcom.example"), {
      userPoolId: "login-id",
      username: "ann@yourcom.example",
      attributes: { email: "ann@yourcom.example", email_verified: "true" },
      desiredDeliveryMediums: ["EMAIL"],
    });
  });

  it("has classic pages under a name of the stack's own", async () => {
    const { resources } = await recorded();
    assert.deepEqual(inputsOf(resources, "UserPoolDomain", "login"), {
      domain: "yourcom-prod",
      userPoolId: "login-id",
      managedLoginVersion: 1,
    });
  });

  it("knows the load balancer by a secret, sends people back to it alone, for a working day", async () => {
    const { resources } = await recorded();
    assert.deepEqual(inputsOf(resources, "UserPoolClient", "login"), {
      userPoolId: "login-id",
      generateSecret: true,
      allowedOauthFlowsUserPoolClient: true,
      allowedOauthFlows: ["code"],
      allowedOauthScopes: ["openid", "email"],
      supportedIdentityProviders: ["COGNITO"],
      callbackUrls: [
        "https://consul.yourcom.example/oauth2/idpresponse",
        "https://grafana.yourcom.example/oauth2/idpresponse",
      ],
      explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
      preventUserExistenceErrors: "ENABLED",
      enableTokenRevocation: true,
      accessTokenValidity: 60,
      idTokenValidity: 60,
      refreshTokenValidity: 480,
      tokenValidityUnits: { accessToken: "minutes", idToken: "minutes", refreshToken: "minutes" },
    });
  });

  it("goes pool last", async () => {
    const { resources } = await recorded();
    for (const first of ["UserPoolClient login", "UserPoolDomain login"]) {
      assert.deepEqual([...neededBy(resources, first)], ["UserPool login"]);
    }
  });
});
