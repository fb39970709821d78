import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import closeWithGrace from "close-with-grace";
import { startAdminServer } from "../../shared/admin-server.ts";
import { describeError, openAdmin } from "../../shared/kafka.ts";
import { createLogger } from "../../shared/log.ts";
import { Registry, startMetricsServer } from "../../shared/metrics-server.ts";
import { settingsOrExit } from "../../shared/settings.ts";
import { readJvm } from "./jvm.ts";
import { GroupLag, type LagOptions } from "./lag.ts";
import { accountAccess, findRack } from "./rack.ts";
import { readRackSettings, readTopicsSettings, readWatchSettings } from "./settings.ts";
import { applyTopics, parseTopics } from "./topics.ts";
import { BrokerWatch } from "./watch.ts";

/** The agent for the broker's JVM, as it is in our image beside us. */
const JVM_AGENT = join(__dirname, "jmx.jar");

/** Writes the zone of the pod's node to a file, the broker's rack, and leaves its JVM the agent. */
async function rack(): Promise<void> {
  const settings = settingsOrExit(readRackSettings);
  copyFileSync(JVM_AGENT, settings.JVM_AGENT_FILE);
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = settings;
  const found = await findRack({
    access: () => accountAccess(host, port),
    node: settings.NODE_NAME,
    fallback: settings.DEFAULT_RACK,
    deadlineMs: settings.DEADLINE_MS,
    now: () => performance.now(),
    pause: (ms) => pause(ms),
    warn: (reason) => process.stderr.write(`${reason}\n`),
  });
  writeFileSync(settings.RACK_FILE, `${found}\n`);
  process.stdout.write(`rack ${found}\n`);
}

type WatchSettings = ReturnType<typeof readWatchSettings>;

function lagOptions({ broker, READERS, LAG_MS }: WatchSettings): LagOptions {
  return { broker, readers: READERS, pollMs: LAG_MS };
}

/** Metrics beside ours: those of the broker's JVM. */
function pagesOf({ JVM_METRICS: url }: WatchSettings): Record<string, () => Promise<string>> {
  return url === undefined ? {} : { "/jvm": () => readJvm(url) };
}

/** Serves the state of the broker beside it. */
async function watch(): Promise<void> {
  const settings = settingsOrExit(readWatchSettings);
  const log = createLogger("kafka-agent", settings.LOG_LEVEL, 1);
  const registry = new Registry();
  const link = openAdmin(settings.kafka);
  const watched = new BrokerWatch(link, settings.broker, settings.POLL_MS, registry, log);
  const admin = await startAdminServer({
    port: settings.ADMIN_PORT,
    live: () => watched.whyNotAlive(),
    ready: () => watched.whyNotReady(),
  });
  const lag =
    settings.READERS.length > 0
      ? new GroupLag(openAdmin(settings.kafka), lagOptions(settings), registry, log)
      : undefined;
  const metrics =
    settings.metrics &&
    (await startMetricsServer({ ...settings.metrics, registry, pages: pagesOf(settings), log }));
  const ports = { adminPort: admin.port, metricsPort: metrics?.port };
  log.info({ broker: settings.broker, ...ports }, "watching");
  closeWithGrace({ delay: 5000, logger: false }, async () => {
    await Promise.all([admin.close(), metrics?.close()]);
    await Promise.all([watched.stop(), lag?.stop()]);
  });
  await Promise.all([watched.poll(), lag?.poll()]);
}

/** Makes topics as they are declared. */
async function topics(): Promise<void> {
  const settings = settingsOrExit(readTopicsSettings);
  const declared = parseTopics(readFileSync(settings.TOPICS_FILE, "utf8"));
  const link = openAdmin(settings.kafka);
  try {
    await applyTopics(link, declared, {
      deadlineMs: settings.DEADLINE_MS,
      now: () => performance.now(),
      pause: (ms) => pause(ms),
      print: (line) => process.stdout.write(`${line}\n`),
    });
  } finally {
    await link.close();
  }
}

const commands: Readonly<Record<string, () => Promise<void>>> = { rack, watch, topics };

const command = process.argv[2] ?? "";
const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
if (run) {
  run().catch((error: unknown) => {
    process.stderr.write(`${command} failed: ${describeError(error)}\n`);
    process.exit(1);
  });
} else {
  process.stderr.write(`unknown command "${command}", allowed: rack, watch, topics\n`);
  process.exitCode = 2;
}
