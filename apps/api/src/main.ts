import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import closeWithGrace from "close-with-grace";
import { startAdminServer } from "../../shared/admin-server.ts";
import { openConsul } from "../../shared/consul.ts";
import { openProducer } from "../../shared/kafka.ts";
import { createLogger } from "../../shared/log.ts";
import { Gauge, Registry, startMetricsServer } from "../../shared/metrics-server.ts";
import { settingsOrExit } from "../../shared/settings.ts";
import { appVersion } from "../../shared/version.ts";
import { Publisher } from "./publisher.ts";
import { buildServer } from "./server.ts";
import { readApiSettings } from "./settings.ts";

/** How long a produce request may take; a text can survive one lost request within its deadline. */
const REQUEST_SHARE = 0.6;

async function main(): Promise<void> {
  const settings = settingsOrExit(readApiSettings);
  const log = createLogger("api", settings.LOG_LEVEL, 1);
  const registry = new Registry();
  const requestTimeoutMs = settings.PUBLISH_DEADLINE_MS * REQUEST_SHARE;
  const publisher = new Publisher(
    openProducer(settings.kafka, settings.KAFKA_TOPIC, requestTimeoutMs),
    {
      deadlineMs: settings.PUBLISH_DEADLINE_MS,
      maxPending: settings.MAX_PENDING,
      maxPendingBytes: settings.MAX_PENDING_BYTES,
      maxBatchBytes: 512 * 1024,
      lingerMs: 5,
      retryMs: 100,
      metadataMs: 10_000,
    },
    log,
  );
  new Gauge({
    name: "web_greetings_api_pending",
    help: "Texts that wait for their acknowledgement",
    registers: [registry],
    collect() {
      this.set(publisher.pending);
    },
  });
  let draining = false;
  const server = buildServer({
    publisher,
    hostname: hostname(),
    version: appVersion,
    draining: () => draining,
    registry,
    log,
  });
  publisher.start();
  await server.listen({ port: settings.PORT, host: "0.0.0.0" });
  const ready = () => (draining ? "draining" : publisher.obstacle);
  const admin = await startAdminServer({
    port: settings.ADMIN_PORT,
    live: () => undefined,
    ready,
  });
  const metrics =
    settings.metrics && (await startMetricsServer({ ...settings.metrics, registry, log }));
  const ports = { adminPort: admin.port, metricsPort: metrics?.port };
  log.info({ address: server.listeningOrigin, ...ports }, "listening");
  const consul = settings.consul && openConsul(settings.consul, log);
  consul?.register({
    name: "api",
    port: (server.server.address() as AddressInfo).port,
    check: { kind: "http", port: admin.port, path: "/readyz", state: ready },
  });

  const delay = settings.DRAIN_MS + settings.PUBLISH_DEADLINE_MS + 5000;
  closeWithGrace({ delay, logger: false }, async ({ signal, err }) => {
    log.info({ signal, err }, "draining");
    draining = true;
    await Promise.all([consul?.close(), pause(err ? 0 : settings.DRAIN_MS)]);
    await server.close();
    await publisher.close();
    await Promise.all([admin.close(), metrics?.close()]);
    log.info("stopped");
  });
}

void main();
