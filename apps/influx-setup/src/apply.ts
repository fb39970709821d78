import { type Ask, type Login, Refusal, type Rows } from "./ask.ts";
import type { Wanted } from "./wanted.ts";

/** Name of the user who may do everything. */
const ADMIN = "admin";
/** What InfluxDB tells everybody while nobody may do everything. */
const NO_ADMIN = "create admin user first";

/** How a run goes about it. */
export interface RunOptions {
  /** Password of a user. */
  readonly password: (user: string) => string;
  /** Told every change, one line each, and no password. */
  readonly say: (line: string) => void;
}

/** Asks as the one who may do everything. */
type Admin = (statement: string) => Promise<Rows>;

/** A name in a statement. */
function quote(name: string): string {
  return `"${name.replace(/[\\"]/g, "\\$&")}"`;
}

/** Text in a statement. */
function literal(value: string): string {
  return `'${value.replace(/[\\']/g, "\\$&")}'`;
}

/**
 * Makes the database, what it keeps for how long, its users and its continuous queries as they are
 * wanted. What is so already stays as it is, so that a run that was interrupted is simply run
 * again. Users and continuous queries that are not wanted go; retention policies stay, with what
 * they hold.
 *
 * @throws Error naming what InfluxDB refused, and why
 */
export async function applyWanted(ask: Ask, wanted: Wanted, options: RunOptions): Promise<void> {
  const { password, say } = options;
  const login = { user: ADMIN, password: password(ADMIN) };
  await about("admin", () => becomeAdmin(ask, login, say));
  const admin: Admin = (statement) => ask(statement, login);
  const { database } = wanted;
  await about(`database ${database}`, () => applyDatabase(admin, wanted, say));
  for (const retention of wanted.retentions) {
    const step = () => applyRetention(admin, wanted, retention, say);
    await about(`retention policy ${retention.name}`, step);
  }
  for (const { name, right } of wanted.users) {
    const user = { user: name, password: password(name) };
    await about(`user ${name}`, async () => {
      await applyPassword(ask, admin, user, say);
      await applyRights(admin, name, { database, right }, say);
    });
  }
  await about("users", () => dropOthers(admin, wanted, say));
  await about("continuous queries", () => applyContinuousQueries(admin, wanted, say));
}

/** Says what it was about when InfluxDB refuses something. */
async function about(what: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Error(`${what}: InfluxDB refused (${error.status}): ${error.message}`);
  }
}

/** Whether somebody is refused for not being who they say. */
async function isRefused(asked: Promise<Rows>): Promise<boolean> {
  try {
    await asked;
    return false;
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) return true;
    throw error;
  }
}

/** The first user may be made by anybody, which is how InfluxDB begins; it is made here. */
async function becomeAdmin(ask: Ask, login: Login, say: RunOptions["say"]): Promise<void> {
  try {
    if (!(await isRefused(ask("SHOW USERS")))) {
      throw new Error("InfluxDB asks nobody for a password: its auth-enabled must be true");
    }
  } catch (error) {
    if (!(error instanceof Refusal) || !error.message.includes(NO_ADMIN)) throw error;
    const { user, password } = login;
    const statement = `CREATE USER ${quote(user)} WITH PASSWORD ${literal(password)}`;
    // Another run may come first; whether it is the same one shows below.
    if (!(await isRefused(ask(`${statement} WITH ALL PRIVILEGES`)))) say("admin: made");
  }
  if (await isRefused(ask("SHOW USERS", login))) {
    throw new Error(
      "admin: InfluxDB knows another password than this stack's, which it takes at its start; " +
        "restart influxdb-0, then run this again, see docs/runbooks/influxdb.md",
    );
  }
}

async function applyDatabase(admin: Admin, wanted: Wanted, say: RunOptions["say"]): Promise<void> {
  const { database, retentions } = wanted;
  const databases = await admin("SHOW DATABASES");
  if (databases.some(({ name }) => name === database)) return;
  const [first] = retentions;
  // With its policy, as InfluxDB would make one that keeps everything for ever.
  const policy = first ? ` WITH ${termsOf(first)} NAME ${quote(first.name)}` : "";
  await admin(`CREATE DATABASE ${quote(database)}${policy}`);
  say(`database ${database}: made`);
}

type Retention = Wanted["retentions"][number];

function termsOf({ hours, shardHours }: Retention): string {
  return `DURATION ${hours}h REPLICATION 1 SHARD DURATION ${shardHours}h`;
}

async function applyRetention(
  admin: Admin,
  { database, retentions }: Wanted,
  retention: Retention,
  say: RunOptions["say"],
): Promise<void> {
  const { name, hours, shardHours } = retention;
  const isDefault = retention === retentions[0];
  const policies = await admin(`SHOW RETENTION POLICIES ON ${quote(database)}`);
  const found = policies.find((policy) => policy.name === name);
  const same =
    found?.duration === `${hours}h0m0s` &&
    found.shardGroupDuration === `${shardHours}h0m0s` &&
    found.default === isDefault;
  if (same) return;
  const verb = found ? "ALTER" : "CREATE";
  const terms = `${termsOf(retention)}${isDefault ? " DEFAULT" : ""}`;
  await admin(`${verb} RETENTION POLICY ${quote(name)} ON ${quote(database)} ${terms}`);
  say(`retention policy ${name}: ${found ? "changed" : "made"}`);
}

async function applyPassword(
  ask: Ask,
  admin: Admin,
  login: Login,
  say: RunOptions["say"],
): Promise<void> {
  const { user, password } = login;
  const users = await admin("SHOW USERS");
  const found = users.find((each) => each.user === user);
  if (!found) {
    await admin(`CREATE USER ${quote(user)} WITH PASSWORD ${literal(password)}`);
    say(`user ${user}: made`);
  } else if (await isRefused(ask("SHOW DATABASES", login))) {
    await admin(`SET PASSWORD FOR ${quote(user)} = ${literal(password)}`);
    say(`user ${user}: has another password now`);
  }
  if (found?.admin === true) {
    await admin(`REVOKE ALL PRIVILEGES FROM ${quote(user)}`);
    say(`user ${user}: may do everything no longer`);
  }
}

async function applyRights(
  admin: Admin,
  user: string,
  { database, right }: { readonly database: string; readonly right: "READ" | "WRITE" },
  say: RunOptions["say"],
): Promise<void> {
  const grants = await admin(`SHOW GRANTS FOR ${quote(user)}`);
  const held = grants.filter(({ privilege }) => privilege !== "NO PRIVILEGES");
  for (const { database: of, privilege } of held) {
    if (of === database && privilege === right) continue;
    await admin(`REVOKE ALL ON ${quote(String(of))} FROM ${quote(user)}`);
    say(`user ${user}: ${privilege} on ${of} taken away`);
  }
  if (held.some(({ database: of, privilege }) => of === database && privilege === right)) return;
  await admin(`GRANT ${right} ON ${quote(database)} TO ${quote(user)}`);
  say(`user ${user}: ${right} on ${database} given`);
}

async function dropOthers(admin: Admin, { users }: Wanted, say: RunOptions["say"]): Promise<void> {
  const wanted = [ADMIN, ...users.map(({ name }) => name)];
  for (const { user } of await admin("SHOW USERS")) {
    if (wanted.includes(String(user))) continue;
    await admin(`DROP USER ${quote(String(user))}`);
    say(`user ${user}: deleted`);
  }
}

/** A continuous query cannot be changed, so that another one takes its place. */
async function applyContinuousQueries(
  admin: Admin,
  { database, continuousQueries }: Wanted,
  say: RunOptions["say"],
): Promise<void> {
  const all = await admin("SHOW CONTINUOUS QUERIES");
  const found = all.filter(({ series }) => series === database);
  const isSame = (name: unknown, statement: unknown) =>
    continuousQueries.some((each) => each.name === name && each.statement === statement);
  for (const { name, query } of found) {
    if (isSame(name, query)) continue;
    await admin(`DROP CONTINUOUS QUERY ${quote(String(name))} ON ${quote(database)}`);
    say(`continuous query ${name}: deleted`);
  }
  for (const { name, statement } of continuousQueries) {
    if (found.some((each) => each.name === name && each.query === statement)) continue;
    await admin(statement);
    say(`continuous query ${name}: made`);
  }
}
