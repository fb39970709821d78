import closeWithGrace from "close-with-grace";
import { startAdminServer } from "../../shared/admin-server.ts";
import { openConsul } from "../../shared/consul.ts";
import { openGroup } from "../../shared/kafka.ts";
import { createLogger } from "../../shared/log.ts";
import { Counter, Gauge, Registry, startMetricsServer } from "../../shared/metrics-server.ts";
import { settingsOrExit } from "../../shared/settings.ts";
import { appVersion } from "../../shared/version.ts";
import { DescriptorPrinter } from "./printer.ts";
import { readWorkerSettings } from "./settings.ts";
import { Worker } from "./worker.ts";

const STDOUT = 1;
const STOP_MS = 9500;

function createObserver(registry: Registry) {
  const partition = { labelNames: ["partition"] as const, registers: [registry] };
  const printed = new Counter({
    name: "web_greetings_worker_printed_total",
    help: "Messages printed by partition",
    ...partition,
  });
  const lag = new Gauge({
    name: "web_greetings_worker_lag",
    help: "Messages of a partition that were still to come when it was last read",
    ...partition,
  });
  const commits = new Counter({
    name: "web_greetings_worker_commits_total",
    help: "Commits of offsets",
    registers: [registry],
  });
  return {
    printed: (of: number, count: number, behind: number) => {
      printed.labels(String(of)).inc(count);
      lag.labels(String(of)).set(behind);
    },
    committed: () => commits.inc(),
    turned: () => {},
  };
}

async function main(): Promise<void> {
  const settings = settingsOrExit(readWorkerSettings);
  const log = createLogger("worker", settings.LOG_LEVEL, 2);
  const registry = new Registry();
  const printer = new DescriptorPrinter(STDOUT);
  const worker = new Worker(
    {
      openGroup: () =>
        openGroup(settings.kafka, {
          groupId: settings.KAFKA_GROUP,
          topic: settings.KAFKA_TOPIC,
          sessionTimeoutMs: 10_000,
          rebalanceTimeoutMs: 10_000,
          heartbeatMs: 2000,
        }),
      printer,
      topic: settings.KAFKA_TOPIC,
      limits: { waitMs: 500, maxBytes: 4 * 1024 * 1024, maxPartitionBytes: 1024 * 1024 },
      pieceBytes: 128 * 1024,
      retryMs: 250,
      metadataMs: 5000,
      firstPauseMs: 250,
      mostPauseMs: 8000,
      leaveMs: 3000,
      stuckMs: settings.STUCK_MS,
      silentMs: 10_000,
    },
    createObserver(registry),
    log,
  );
  await startAdminServer({
    port: settings.ADMIN_PORT,
    live: () => worker.whyNotAlive(),
    ready: () => worker.whyNotReady(),
  });
  if (settings.metrics) {
    await startMetricsServer({ ...settings.metrics, registry, log });
  }
  await printer.print(Buffer.from("Running!\n"));
  log.info({ version: appVersion, topic: settings.KAFKA_TOPIC }, "running");
  const running = worker.run();
  const consul = settings.consul && openConsul(settings.consul, log);
  consul?.register({ name: "worker", check: { kind: "ttl", state: () => worker.whyNotReady() } });
  closeWithGrace({ delay: STOP_MS, logger: false }, async ({ signal, err }) => {
    log.info({ signal, err }, "stopping");
    worker.stop();
    await consul?.close();
    await running;
    log.info("stopped");
  });
  await running;
}

void main();
