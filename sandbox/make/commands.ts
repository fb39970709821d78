import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { unavailableImages } from "../images/table.ts";
import { createRun } from "../run.ts";
import { forgetImages } from "./forget.ts";
import { formatOutputs, type Outputs, parseOutputs } from "./outputs.ts";
import { createdAs, type Pending, pendingIn, withCreated } from "./pending.ts";
import { root, type Session } from "./session.ts";

const partOf = "app.kubernetes.io/part-of=web-greetings";

/** Runs a program in front of the person; resolves with its exit code. */
export function show(
  session: Session,
  command: string,
  args: readonly string[],
  cwd = root,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: session.environment, stdio: "inherit" });
    // Ctrl-C reaches the child as well, and it is the child that knows how to stop in order.
    const wait = () => undefined;
    process.on("SIGINT", wait);
    child.on("error", (error) =>
      reject(
        new Error(`cannot run ${command} (${error.message}); \`make doctor\` says what is missing`),
      ),
    );
    child.on("close", (code, signal) => {
      process.off("SIGINT", wait);
      resolve(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}

/** Runs a program and hands out what it printed. */
function ask(
  session: Session,
  command: string,
  args: readonly string[],
  cwd = root,
): Promise<string> {
  return createRun(session.environment)(command, args, { cwd });
}

/**
 * Makes the stack in a backend of ours if it is not there. Pulumi writes the stack's file beside
 * Pulumi.yaml when it makes a stack, so it is made from a copy.
 */
async function ensureStack(session: Session): Promise<void> {
  if (!session.ownsState) return;
  const folder = mkdtempSync(join(tmpdir(), "web-greetings-"));
  try {
    copyFileSync(join(root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    const select = ["stack", "select", session.stack, "--create", "--non-interactive"];
    await ask(session, "pulumi", select, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `pulumi <operation>` on the stack, in front of the person. */
export async function pulumi(session: Session, operation: string, ...args: string[]) {
  await ensureStack(session);
  return show(session, "pulumi", [operation, "--stack", session.stack, ...args]);
}

/** The stack's outputs, none before its first up; secrets are masked unless they are asked for. */
export async function outputs(session: Session, secrets = false): Promise<Outputs> {
  await ensureStack(session);
  const args = ["stack", "output", "--stack", session.stack, "--json"];
  return parseOutputs(await ask(session, "pulumi", secrets ? [...args, "--show-secrets"] : args));
}

/**
 * What an update that was killed left under way is not in the state; Pulumi would take the state's
 * word for it. Reads it from the cluster first: what was created after all is taken into the state,
 * or the next update would find it in its way.
 */
async function settlePending(session: Session): Promise<void> {
  await ensureStack(session);
  const state = await ask(session, "pulumi", ["stack", "export", "--stack", session.stack]);
  const pending = pendingIn(state);
  if (pending.count === 0) return;
  if (session.cluster === "cloud") {
    const command = `pulumi refresh --stack ${session.stack}`;
    throw new Error(
      `the last update was cut off with ${pending.count} operations under way; what they made may ` +
        `be there and in no state: run \`make run stack=${session.stack} cmd='${command}'\`, ` +
        "which asks about each",
    );
  }
  console.error(
    `the last update was cut off with ${pending.count} operations under way; reading them back`,
  );
  const created = await createdOf(session, pending);
  if (created.length > 0) {
    const input = withCreated(state, created);
    const importing = ["stack", "import", "--stack", session.stack];
    await createRun(session.environment)("pulumi", importing, { cwd: root, input });
  }
  const args = ["--yes", "--skip-preview", "--suppress-outputs", "--clear-pending-creates"];
  const code = await pulumi(session, "refresh", ...args);
  if (code !== 0) throw new Error("cannot read back what the last update left; see above");
}

/** Those of the objects under way that are in the cluster. */
async function createdOf(session: Session, { objects, context }: Pending) {
  if (context === undefined) return [];
  const get = ["--context", context, "get", "--filename=-", "--ignore-not-found"];
  const whole = ["--show-managed-fields", "-o", "json"];
  const run = createRun(session.environment);
  const found = await Promise.all(
    objects.map(async (object) => {
      const text = await run("kubectl", [...get, ...whole], { input: object.manifest });
      return createdAs(object, text) ?? [];
    }),
  );
  return found.flat();
}

/** `up`, then what people need next: the outputs and a line to try. */
export async function up(session: Session): Promise<number> {
  await settlePending(session);
  const code = await pulumi(session, "up", "--yes", "--skip-preview", "--suppress-outputs");
  if (code !== 0) return code;
  const all = await outputs(session);
  console.log(`\n${formatOutputs(all)}`);
  if (session.cluster === "sandbox") {
    const missing = unavailableImages.join(", ");
    console.log(`\nnot in the sandbox: ${missing}, of which no image can be made there`);
  }
  const args = session.stack === "dev" ? "" : ` stack=${session.stack}`;
  const verify = all.ca === "" ? "" : `--cacert <(make -s output name=ca${args}) `;
  console.log(
    `\nTry it:\n  curl ${verify}-X POST \\\n` +
      `    $(make -s output name=urls.web${args})/api/publish/hello%20w%C3%B6rld\n` +
      `  make logs app=worker${args}`,
  );
  return 0;
}

/**
 * `destroy`; then names the volumes that were kept, if the settings keep them.
 *
 * @param yes the answer to the question: "1", or the stack's name for one in a cloud; empty: asks
 * @throws Error when a stack in a cloud is not named
 */
export async function destroy(session: Session, yes: string): Promise<number> {
  if (session.cluster === "cloud") {
    await requireName(session.stack, yes);
    // With a preview: only there Pulumi refuses what is protected before anything is gone.
    return pulumi(session, "destroy", "--yes");
  }
  const { context } = await outputs(session);
  const code = await pulumi(
    session,
    "destroy",
    ...(yes === "1" ? ["--yes", "--skip-preview"] : []),
  );
  if (code !== 0) return code;
  if (session.cluster === "sandbox") await forgetImages();
  if (typeof context !== "string") return 0;
  const claims = ["get", "pvc", "--all-namespaces", "-l", partOf, "--no-headers"];
  for (const line of await kubectl(session, context, claims)) {
    console.log(`kept, as web-greetings:retain says: ${line}`);
  }
  return 0;
}

/** Has somebody say which stack it is that goes. */
async function requireName(stack: string, given: string): Promise<void> {
  let name = given;
  if (name === "" && process.stdin.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    name = await terminal.question(`${stack} goes, with its cluster; type its name: `);
    terminal.close();
  }
  if (name === stack) return;
  throw new Error(
    `${stack} is not destroyed: got ${JSON.stringify(name)}; allowed: its name, ` +
      `as in make destroy stack=${stack} yes=${stack}`,
  );
}

/** The lines that kubectl prints, empty ones left out. */
async function kubectl(session: Session, context: string, args: readonly string[]) {
  const text = await ask(session, "kubectl", ["--context", context, ...args]);
  return text.split("\n").filter((line) => line !== "");
}

interface Found {
  readonly namespace: string;
  readonly context: string;
  /** Label that an app's pods and its service share. */
  readonly selector: string;
}

/** An app goes by the name of its software ("kafka"), or by the part that it plays ("worker"). */
async function find(session: Session, app: string): Promise<Found> {
  const { context } = await outputs(session);
  if (typeof context !== "string") throw new Error("the stack is not up; run `make up`");
  const prefix = "app.kubernetes.io/";
  const labels = ["name", "component"].map((key) => `:.metadata.labels.${prefix}${key}`);
  const escaped = labels.map((path) => path.replaceAll(/\.(?=kubernetes|io)/g, "\\."));
  const columns = `custom-columns=:.metadata.namespace,${escaped.join(",")}`;
  const rows = await kubectl(session, context, ["get", "pods", "-A", "-l", partOf, "-o", columns]);
  const pods = rows.map((row) => row.trim().split(/\s+/));
  for (const [namespace, name, component] of pods) {
    if (namespace && app === name) return { namespace, context, selector: `${prefix}name=${app}` };
    if (namespace && app === component) {
      return { namespace, context, selector: `${prefix}component=${app}` };
    }
  }
  const names = pods.flatMap(([, name, component]) => [name, component]).filter(Boolean);
  const known = [...new Set(names)].sort();
  throw new Error(
    `no app ${JSON.stringify(app)} is running; running: ${known.join(", ") || "none"}`,
  );
}

/** The log of all pods of an app, to its present end or as it grows. */
export async function logs(session: Session, app: string, follow: boolean): Promise<number> {
  const { namespace, context, selector } = await find(session, app);
  const more = ["--tail=-1", "--max-log-requests=50", ...(follow ? ["--follow"] : [])];
  const args = ["--context", context, "-n", namespace, "logs", "-l", selector, ...more];
  return show(session, "kubectl", args);
}

/** Brings the service of an app to this machine, on a free port or on `port`. */
export async function forward(session: Session, app: string, port: string | undefined) {
  const { namespace, context, selector } = await find(session, app);
  const format = 'jsonpath={range .items[*]}{.metadata.name}{" "}{.spec.ports[0].port}{"\\n"}{end}';
  const query = ["get", "service", "-n", namespace, "-l", selector, "-o", format];
  const [service] = await kubectl(session, context, query);
  const [name, target] = (service ?? "").split(" ");
  if (!name) throw new Error(`${app} serves nothing: it has no service`);
  const ports = port === undefined ? `:${target}` : `${port}:${target}`;
  const args = ["--context", context, "-n", namespace, "port-forward", `service/${name}`, ports];
  return show(session, "kubectl", args);
}

/** `consul <command>` in one of the servers, as who may do everything. */
export async function consul(session: Session, command: string): Promise<number> {
  const { namespace, context } = await find(session, "consul");
  const where = ["--context", context, "-n", namespace, "exec", "statefulset/consul"];
  const args = [...where, "-c", "consul", "--", "sh", "-c", `consul ${command}`];
  return show(session, "kubectl", args);
}

/** What Prometheus answers to a query in PromQL, at the moment. */
export async function query(session: Session, promql: string): Promise<number> {
  const { namespace, context } = await find(session, "prometheus");
  const where = ["--context", context, "-n", namespace, "exec", "statefulset/prometheus"];
  const client = "--http.config.file=/etc/monitoring/config/client.yml";
  const ask = ["promtool", "query", "instant", client, "https://localhost:9090", promql];
  return show(session, "kubectl", [...where, "-c", "prometheus", "--", ...ask]);
}
