import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { root } from "../../../sandbox/make/session.ts";
import { users } from "../../../workloads/influxdb/config.ts";
import { answered } from "./consulApi.ts";
import type { Stack } from "./fixture.ts";
import {
  basic,
  influxPath,
  type MonitoringApi,
  refusal,
  type ServerName,
} from "./monitoringApi.ts";

/** An app's web interface, a page of it that every build of it has, and what is on that. */
const interfaces = [
  ["prometheus", "-/ready", /^Prometheus Server is Ready\.\n$/],
  ["alertmanager", "-/ready", /^OK$/],
] as const;

interface Labels {
  readonly job: string;
}

/** Jobs whose servers take a connection without a certificate, and what they ask for instead. */
const withoutCertificate: Readonly<Record<string, string>> = {
  apiserver: "a token of Kubernetes",
  cadvisor: "the same",
  kubelet: "the same",
  "kubelet-resource": "the same",
  coredns: "nothing: the cluster's own, numbers of the DNS alone",
  influxdb: "a password",
  zookeeper: "nothing: it has no TLS for them; its network policy admits Prometheus alone",
};

/** Who gets an answer of monitoring, and who gets none. */
export function access(stack: () => Stack, api: () => MonitoringApi): void {
  for (const [app, path, page] of interfaces) {
    it(`is brought to this machine by make ui app=${app}`, async () => {
      const { environment } = stack().session;
      const child = spawn("make", ["--silent", "ui", `app=${app}`], {
        cwd: root,
        env: environment,
        stdio: ["ignore", "pipe", "ignore"],
        detached: true,
      });
      const ended = once(child, "close");
      try {
        const lines = createInterface({ input: child.stdout });
        const [url] = await Promise.race([once(lines, "line"), ended]);
        assert.match(String(url), /^http:\/\/localhost:\d+\/$/);
        const answer = await fetch(`${url}${path}`);
        assert.equal(answer.status, 200);
        assert.match(await answer.text(), page);
      } finally {
        // As ctrl-C does it: all of them are told.
        if (child.pid && child.exitCode === null) process.kill(-child.pid, "SIGINT");
        await ended;
      }
    });
  }

  it("answers nobody in plain text", async () => {
    const { servers } = api();
    const said = Object.entries(servers).map(async ([name, { address, port }]) => [
      name,
      await answered(address, port, "GET / HTTP/1.0\r\n\r\n"),
    ]);
    const told = "Client sent an HTTP request to an HTTPS server.\n";
    assert.deepEqual(Object.fromEntries(await Promise.all(said)), {
      prometheus: `HTTP/1.0 400 Bad Request\r\n\r\n${told}`,
      alertmanager: `HTTP/1.0 400 Bad Request\r\n\r\n${told}`,
      // It closes without a word.
      influxdb: "",
    });
  });

  it("asks nobody who would answer without a certificate, but for those of whom it is said", async () => {
    const { activeTargets } = await api().prometheus<{
      readonly activeTargets: readonly { readonly labels: Labels; readonly scrapeUrl: string }[];
    }>("targets?state=active");
    const others = activeTargets.filter(({ labels }) => !(labels.job in withoutCertificate));
    assert.ok(others.length > 10, `${others.length} targets`);
    const asked = others.map(async ({ labels, scrapeUrl }) => {
      const { protocol, hostname, port } = new URL(scrapeUrl);
      const said = protocol === "https:" ? await refusal(hostname, Number(port)) : protocol;
      return /alert certificate required/.test(said) ? [] : [`${labels.job} ${hostname}: ${said}`];
    });
    assert.deepEqual((await Promise.all(asked)).flat(), []);
    for (const name of ["prometheus", "alertmanager"] satisfies ServerName[]) {
      assert.equal((await api().send(name, "/-/ready", { isOperator: true })).status, 200);
    }
  });

  it("shows nobody a point who has no password that may read", async () => {
    const ask = async (login?: string) => {
      const path = influxPath("SHOW MEASUREMENTS");
      const shown = { isOperator: true, ...(login === undefined ? {} : { login }) };
      const { status, body } = await api().send("influxdb", path, shown);
      return [status, JSON.parse(body)];
    };
    assert.deepEqual(await ask(), [401, { error: "unable to parse authentication credentials" }]);
    const wrong = [401, { error: "authorization failed" }];
    for (const user of [users.reader, "admin", "nobody"]) {
      assert.deepEqual(await ask(basic(user, "wrong")), wrong);
    }
    assert.ok((await api().influx("SHOW MEASUREMENTS")).length > 0);
    await assert.rejects(api().influx("DROP MEASUREMENT cpu"), /403|not authorized/);
  });
}
