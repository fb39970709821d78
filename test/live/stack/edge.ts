import assert from "node:assert/strict";
import { STOP_SECONDS } from "../../../workloads/edge/config.ts";
import { until } from "../../until.ts";
import { namesOf } from "./catalog.ts";
import { Client, type WayIn } from "./client.ts";
import { apps, isReady, type Pod, type Stack } from "./fixture.ts";
import { countsOf, outcomeOf, publishWhile } from "./load.ts";
import { allReady, Scale } from "./scale.ts";

/** What is answered where no instance can be reached, or none is known. */
const unavailable = { status: 503, retryAfter: "1", body: "No instance of the service is there" };
/** What the edge says when Consul has no instance for it. */
const NOBODY = "edge: Consul knows of no instance, the last ones stay";

/** Lines of nginx's log that are of no request: its own, and those of the script that starts it. */
const ownLine = /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[\w+\] |edge: |nginx: )/;

const { namespace } = apps.edge;
const times = <T>(count: number, work: () => Promise<T>) =>
  Promise.all(Array.from({ length: count }, work));

/** How the way in stands what happens behind it and to itself, counted. */
export function edge(stack: () => Stack): void {
  describe("the edge", () => {
    let way: WayIn;
    let api: Scale;
    /** A text that nobody may find anywhere but where it was published. */
    const secret = `secret-${Date.now()}`;

    before(async () => {
      way = await stack().wayIn();
      api = await Scale.of(stack(), "api");
      // Left to itself it would scale with the loads.
      await api.to(2);
      await allReady(stack(), "edge", 2, 120);
    });
    after(() => api?.free());

    /** Whom requests were answered by, with how many; what failed goes by its status or error. */
    async function askHosts(count: number, connections?: number) {
      const client = new Client(way, connections);
      const hosts: Record<string, number> = {};
      const one = async () => {
        const answer = client.send("GET", "/health/hostname");
        const outcome = await outcomeOf(answer);
        const host = outcome === "200" ? (await answer).body : outcome;
        hosts[host] = (hosts[host] ?? 0) + 1;
      };
      await times(count, one);
      client.close();
      return hosts;
    }

    it("passes requests on to every pod of the API, on new connections and on kept ones", async () => {
      const names = namesOf(await stack().pods("api"));
      await until("exactly the pods that are there answer", 30, async () => {
        return `${Object.keys(await askHosts(20)).sort()}` === `${names}`;
      });
      for (const connections of [undefined, 4]) {
        const hosts = await askHosts(100, connections);
        console.log(`      ${connections ?? "new"} connections: ${JSON.stringify(hosts)}`);
        assert.deepEqual(Object.keys(hosts).sort(), names);
      }
    });

    /** Load that does not stop while `work` goes on; its counts are printed. */
    async function under(run: string, retries: number, work: () => Promise<unknown>) {
      const load = { way, run: `${run}-${Date.now()}`, connections: 16, retries };
      const published = await publishWhile(load, work);
      console.log(`      ${run}: ${countsOf(published)}`);
      assert.ok(published.acknowledged.size > 100);
      return published;
    }

    it("fails no request while the API goes from 2 to 6 pods and back, and asks all of them", async () => {
      const asked: Record<string, number> = {};
      let names: string[] = [];
      const { failed } = await under("scaled", 0, async () => {
        try {
          await api.to(6);
          names = namesOf(await stack().pods("api"));
          const begin = performance.now();
          await until("all six have answered", 120, async () => {
            for (const [host, count] of Object.entries(await askHosts(12))) {
              asked[host] = (asked[host] ?? 0) + count;
            }
            return names.every((name) => name in asked);
          }).catch(async (error: unknown) => {
            console.log(`      answered: ${JSON.stringify(asked)}; pods: ${names.join(", ")}`);
            console.log(`      ${(await configurations()).join("\n")}`);
            throw error;
          });
          const seconds = (performance.now() - begin) / 1000;
          console.log(`      all six were asked ${seconds.toFixed(1)} s after they were ready`);
        } finally {
          await api.to(2);
        }
      });
      console.log(`      beside it: ${JSON.stringify(asked)}`);
      assert.equal(names.length, 6);
      assert.deepEqual(Object.keys(asked).sort(), names);
      assert.equal(failed, 0);
    });

    /** The instances that each of its pods has. */
    async function configurations(): Promise<string[]> {
      const servers = ["-c", "nginx", "--", "grep", "server 10", "/run/edge/current.conf"];
      return Promise.all(
        (await stack().pods("edge")).map(async ({ metadata }) =>
          stack().kubectl("exec", "-n", namespace, metadata.name, ...servers),
        ),
      );
    }

    const replaced = (old: readonly Pod[]) =>
      until("other pods are in their place", 180, async () => {
        const pods = await stack().pods("edge");
        const uids = pods.map(({ metadata }) => metadata.uid);
        const isGone = old.every(({ metadata }) => !uids.includes(metadata.uid));
        return isGone && pods.length === 2 && pods.every(isReady);
      });

    it("fails no request that is tried once more while it is restarted", async () => {
      const { failed } = await under("restarted", 1, async () => {
        const old = await stack().pods("edge");
        await stack().kubectl("rollout", "restart", "deployment/edge", "-n", namespace);
        await replaced(old);
      });
      assert.equal(failed, 0);
    });

    it("fails no request that is tried once more while one of its pods is deleted", async () => {
      const { failed } = await under("deleted", 1, async () => {
        const [pod] = await stack().pods("edge");
        assert.ok(pod);
        const { name } = pod.metadata;
        const begin = performance.now();
        await stack().kubectl("delete", "pod", "-n", namespace, name);
        const seconds = (performance.now() - begin) / 1000;
        console.log(`      it ended after ${seconds.toFixed(1)} s`);
        // Sooner than it would be killed: what it had begun was finished.
        assert.ok(seconds < STOP_SECONDS, `${seconds} s`);
        await replaced([pod]);
      });
      assert.equal(failed, 0);
    });

    /** What the containers of nginx have said, a text a pod. */
    const logs = async () =>
      Promise.all(
        namesOf(await stack().pods("edge")).map((name) =>
          stack().kubectl("logs", "-n", namespace, name, "-c", "nginx"),
        ),
      );

    it("answers 503 while the API has no pod, and 200 within 30 s after it has", async () => {
      const client = new Client(way);
      const answers: object[] = [];
      const ask = async () => {
        answers.push(
          await client.send("POST", `/api/publish/${secret}`).then(
            ({ status, headers, body }) => ({ status, retryAfter: headers["retry-after"], body }),
            ({ code }: NodeJS.ErrnoException) => ({ code }),
          ),
        );
      };
      const scale = ["scale", "deployment/api", "-n", apps.api.namespace];
      try {
        // An autoscaler lets a number of 0 be.
        await stack().kubectl(...scale, "--replicas=0");
        await until("the API has no pod", 60, async () => (await stack().pods("api")).length === 0);
        await times(10, ask);
        await until("Consul knows of nobody", 30, async () =>
          (await logs()).every((log) => log.includes(NOBODY)),
        );
        await times(10, ask);
        console.log(`      ${answers.length} requests: ${JSON.stringify(answers[0])}`);
        assert.deepEqual(
          answers,
          answers.map(() => unavailable),
        );
      } finally {
        await stack().kubectl(...scale, "--replicas=2");
      }
      await until("a pod is ready", 120, async () => (await stack().pods("api")).some(isReady));
      const begin = performance.now();
      await until("requests are answered", 30, async () => {
        const outcomes = await times(10, () => outcomeOf(client.send("GET", "/health")));
        return outcomes.every((outcome) => outcome === "200");
      });
      console.log(
        `      answered ${((performance.now() - begin) / 1000).toFixed(1)} s after ready`,
      );
      await allReady(stack(), "api", 2, 120);
    });

    it("logs requests as lines of JSON, and nobody's text", async () => {
      const requestId = `abc-${Date.now()}`;
      const headers = { "X-Request-Id": requestId };
      const sent = new Client(way).send("POST", `/api/publish/${secret}`, headers);
      assert.equal(await outcomeOf(sent), "201");
      const lines = await until("it is logged", 10, async () => {
        const all = (await logs()).flatMap((log) => log.split("\n")).filter(Boolean);
        return all.some((line) => line.includes(requestId)) && all;
      });
      const own = lines.filter((line) => ownLine.test(line));
      const entries = lines
        .filter((line) => !ownLine.test(line))
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
      console.log(`      ${entries.length} requests in the log, ${own.length} other lines`);
      const ours = entries.filter((entry) => entry.requestId === requestId);
      const addresses = (await stack().pods("api")).map(({ status }) => `${status.podIP}:8080`);
      assert.deepEqual(
        ours.map(({ method, path, status, upstream }) => [
          [method, path, status],
          addresses.includes(`${upstream}`),
        ]),
        [[["POST", "/api/publish/", 201], true]],
      );
      const telling = lines.filter((line) => line.includes(secret));
      assert.deepEqual(telling, []);
    });
  });
}
