import type { Call } from "./call.ts";
import type { Wanted } from "./wanted.ts";

/** By this everything made here is known again, and what is no longer wanted is found. */
const MARK = "Made by web-greetings.";

/** What is made of secrets. */
export interface AclSecrets {
  /** Secret part of a fixed token. */
  token(name: string): string;
  /** How Consul asks Kubernetes about the tokens that it is handed. */
  readonly reviewer: { readonly host: string; readonly authority: string; readonly token: string };
}

interface Named {
  readonly ID: string;
  readonly Name: string;
  readonly Description: string;
}

/** What has the rights of policies. */
interface Holder {
  readonly Policies?: readonly { readonly Name: string }[] | null;
}

interface Rule {
  readonly ID: string;
  readonly Description: string;
  readonly Selector: string;
  readonly BindType: string;
  readonly BindName: string;
}

/**
 * Makes policies, tokens, roles, the way to log in and its rules as they are wanted, and takes away
 * what was made here before and is wanted no longer. What is so already stays as it is, so that a
 * run that was interrupted is simply run again.
 *
 * @param say told every change, one line each
 * @throws Error naming the request that Consul refused
 */
export async function applyAcl(
  call: Call,
  wanted: Wanted,
  secrets: AclSecrets,
  say: (line: string) => void,
): Promise<void> {
  const change = async (what: string, method: "PUT" | "DELETE", path: string, body?: object) => {
    await call(method, path, body);
    say(what);
  };
  const policies = await list<Named & { readonly Rules?: string }>(call, "/v1/acl/policies");
  for (const { name, rules } of wanted.policies) {
    const found = policies.find(({ Name }) => Name === name);
    const body = { Name: name, Description: MARK, Rules: rules };
    if (!found) {
      await change(`policy ${name}: made`, "PUT", "/v1/acl/policy", body);
      continue;
    }
    const path = `/v1/acl/policy/${found.ID}`;
    const present = (await call("GET", path)) as { readonly Rules: string };
    if (present.Rules !== rules) await change(`policy ${name}: changed`, "PUT", path, body);
  }
  await applyTokens(call, wanted, secrets, change);
  const roles = await list<Named & Holder>(call, "/v1/acl/roles");
  for (const { role } of wanted.logins) {
    const found = roles.find(({ Name }) => Name === role);
    if (found && holdsOnly(found, role)) continue;
    const body = { Name: role, Description: MARK, Policies: [{ Name: role }] };
    const where = found ? `/v1/acl/role/${found.ID}` : "/v1/acl/role";
    await change(`role ${role}: ${found ? "changed" : "made"}`, "PUT", where, body);
  }
  await applyLogins(call, wanted, secrets, change);
  const kept = new Set(wanted.policies.map(({ name }) => name));
  for (const [kind, all] of [
    ["role", roles],
    ["policy", policies],
  ] as const) {
    for (const { ID, Name, Description } of all) {
      if (Description !== MARK || kept.has(Name)) continue;
      await change(`${kind} ${Name}: deleted`, "DELETE", `/v1/acl/${kind}/${ID}`);
    }
  }
}

type Change = (
  what: string,
  method: "PUT" | "DELETE",
  path: string,
  body?: object,
) => Promise<void>;

async function applyTokens(call: Call, wanted: Wanted, secrets: AclSecrets, change: Change) {
  const tokens = await list<{ readonly AccessorID: string }>(call, "/v1/acl/tokens");
  for (const { name, accessor } of wanted.tokens) {
    const SecretID = secrets.token(name);
    const path = `/v1/acl/token/${accessor}`;
    const Description = `${MARK} Used by the agents: ${name}.`;
    const body = { AccessorID: accessor, SecretID, Description, Policies: [{ Name: name }] };
    if (tokens.some(({ AccessorID }) => AccessorID === accessor)) {
      const present = (await call("GET", path)) as Holder & { readonly SecretID: string };
      if (present.SecretID === SecretID) {
        if (!holdsOnly(present, name)) await change(`token ${name}: changed`, "PUT", path, body);
        continue;
      }
      // The secret part of a token cannot be changed.
      await change(`token ${name}: deleted`, "DELETE", path);
    }
    await change(`token ${name}: made`, "PUT", "/v1/acl/token", body);
  }
}

/** How long a login is good for; whoever uses one logs in again before it ends. */
const MAX_TOKEN_TTL = "24h0m0s";

async function applyLogins(call: Call, wanted: Wanted, secrets: AclSecrets, change: Change) {
  const { authMethod: Name, logins } = wanted;
  const { host, authority, token } = secrets.reviewer;
  const methods = await list<{ readonly Name: string }>(call, "/v1/acl/auth-methods");
  const body = {
    Name,
    Type: "kubernetes",
    Description: MARK,
    MaxTokenTTL: MAX_TOKEN_TTL,
    Config: { Host: host, CACert: authority, ServiceAccountJWT: token },
  };
  const path = `/v1/acl/auth-method/${Name}`;
  if (!methods.some((method) => method.Name === Name)) {
    await change(`login ${Name}: made`, "PUT", "/v1/acl/auth-method", body);
  } else {
    const { Config } = (await call("GET", path)) as { readonly Config: typeof body.Config };
    const same =
      Config.Host === host && Config.CACert === authority && Config.ServiceAccountJWT === token;
    if (!same) await change(`login ${Name}: changed`, "PUT", path, body);
  }
  const rules = await list<Rule>(call, `/v1/acl/binding-rules?authmethod=${Name}`);
  for (const { role, selector } of logins) {
    const found = rules.find(({ BindName }) => BindName === role);
    if (found?.Selector === selector) continue;
    const rule = {
      AuthMethod: Name,
      Description: MARK,
      BindType: "role",
      BindName: role,
      Selector: selector,
    };
    const where = found ? `/v1/acl/binding-rule/${found.ID}` : "/v1/acl/binding-rule";
    await change(`login of ${role}: ${found ? "changed" : "made"}`, "PUT", where, rule);
  }
  for (const { ID, BindName } of rules) {
    if (logins.some(({ role }) => role === BindName)) continue;
    await change(`login of ${BindName}: deleted`, "DELETE", `/v1/acl/binding-rule/${ID}`);
  }
}

/** A policy that was deleted is held no longer, also when another of its name is made. */
function holdsOnly({ Policies }: Holder, policy: string): boolean {
  return Policies?.length === 1 && Policies[0]?.Name === policy;
}

async function list<Item>(call: Call, path: string): Promise<readonly Item[]> {
  return ((await call("GET", path)) ?? []) as readonly Item[];
}
