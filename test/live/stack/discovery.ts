import assert from "node:assert/strict";
import { until } from "../../until.ts";
import { Catalog, namesOf } from "./catalog.ts";
import { type AppName, apps, isReady, type Pod, type Stack } from "./fixture.ts";
import { countsOf, publishWhile } from "./load.ts";
import { Scale } from "./scale.ts";

/** Who registers. */
const registered = ["api", "worker", "edge"] as const;

/** Asks Consul's name service from inside a pod; prints the addresses of a service. */
const lookUp = `(async () => {
  const { lookup, Resolver } = require("node:dns").promises;
  const { address } = await lookup("consul-dns.consul.svc");
  const resolver = new Resolver();
  resolver.setServers([address]);
  console.log(JSON.stringify(await resolver.resolve4(process.argv[1])));
})();`;

/** That whoever looks for an app finds those of its pods that are ready, and no others. */
export function discovery(stack: () => Stack): void {
  describe("discovery", () => {
    let catalog: Catalog;
    before(async () => {
      catalog = await Catalog.open(stack());
    });

    const ready = async (app: AppName) => (await stack().pods(app)).filter(isReady);
    const secondsSince = (begin: number) => (Date.now() - begin) / 1000;
    const nodeOf = async () =>
      (await stack().kubectl("get", "nodes", "-o", "name")).trim().split("\n")[0] ?? "";

    it("finds every app by its name, at the addresses of its pods", async () => {
      for (const app of registered) {
        await catalog.settled(app, 60);
        const addresses = await catalog.addresses(app);
        const pods = await ready(app);
        assert.deepEqual(addresses, pods.map(({ status }) => status.podIP).sort());
        assert.ok(addresses.length > 0);
      }
    });

    it("finds the API by the name service, from a pod", async () => {
      // Over UDP Consul names three at most.
      const scale = await Scale.of(stack(), "api");
      try {
        await scale.to(2);
        await catalog.settled("api", 60);
        const pods = await ready("api");
        const [asking] = pods;
        assert.ok(asking);
        const where = ["exec", "-n", apps.api.namespace, asking.metadata.name, "-c", "api", "--"];
        const asked = ["node", "-e", lookUp, "api.service.consul"];
        const addresses = JSON.parse(await stack().kubectl(...where, ...asked)) as string[];
        assert.deepEqual(addresses.sort(), pods.map(({ status }) => status.podIP).sort());
        assert.equal(addresses.length, 2);
      } finally {
        await scale.free();
      }
    });

    it("has lost a pod within 5 s of its end, and found the next within 5 s of its start", async () => {
      for (const app of registered) {
        const before = await stack().pods(app);
        const [pod] = before;
        assert.ok(pod);
        const old = pod.metadata.name;
        let begin = Date.now();
        const { namespace } = apps[app];
        await stack().kubectl("delete", "pod", "-n", namespace, old, "--wait=false");
        await until(
          `${old} is not found`,
          30,
          async () => !(await catalog.found(app, true)).includes(old),
        );
        const gone = secondsSince(begin);
        const known = namesOf(before);
        const next = await until("a new pod is ready", 60, async () =>
          namesOf(await ready(app)).find((name) => !known.includes(name)),
        );
        begin = Date.now();
        await until(`${next} is found`, 30, async () => (await catalog.found(app)).includes(next));
        const there = secondsSince(begin);
        console.log(
          `      ${app}: gone ${gone.toFixed(1)} s after its end, found ${there.toFixed(1)} s after ready`,
        );
        assert.ok(gone <= 5, `gone after ${gone} s`);
        assert.ok(there <= 5, `found after ${there} s`);
      }
    });

    it("has lost a pod within 5 s that is deleted by force", async () => {
      const [pod] = await ready("api");
      assert.ok(pod);
      const { name } = pod.metadata;
      const begin = Date.now();
      const now = ["--force", "--grace-period=0"];
      await stack().kubectl("delete", "pod", "-n", "greetings", name, ...now);
      await until("it is not found", 30, async () => !(await catalog.found("api")).includes(name));
      const hidden = secondsSince(begin);
      console.log(`      not found ${hidden.toFixed(1)} s after`);
      assert.ok(hidden <= 5, `${hidden} s`);
      await catalog.settled("api", 60);
    });

    it("finds all pods again when the agent of their node is replaced", async () => {
      let without = 0;
      let last = Date.now();
      let working = true;
      const watching = (async () => {
        while (working) {
          if ((await catalog.found("api").catch(() => [])).length > 0) last = Date.now();
          without = Math.max(without, secondsSince(last));
        }
      })();
      await stack().kubectl("rollout", "restart", "daemonset/consul-agent", "-n", "consul");
      const wait = ["rollout", "status", "daemonset/consul-agent", "-n", "consul"];
      await stack().kubectl(...wait, "--timeout=180s");
      await until("one agent", 60, async () => {
        const ours = ["-n", "consul", "-l", "app.kubernetes.io/component=agent"];
        return (await stack().get<{ items: Pod[] }>("pods", ...ours)).items.length === 1;
      });
      await Promise.all(registered.map((app) => catalog.settled(app, 60)));
      working = false;
      await watching;
      console.log(
        `      longest time without a pod of the API to be found: ${without.toFixed(1)} s`,
      );
      assert.ok(without <= 15, `${without} s`);
    });

    /** Where agents may run: nowhere, or on every node. */
    const placeAgents = (nodeSelector: Record<string, string> | null) => {
      const patch = JSON.stringify({ spec: { template: { spec: { nodeSelector } } } });
      return stack().kubectl("patch", "daemonset", "consul-agent", "-n", "consul", "-p", patch);
    };

    it("fails no request while all of Consul is away for 30 s, and is found again", async () => {
      const members = async () => {
        const ours = ["-n", "consul", "-l", "app.kubernetes.io/component in (server,agent)"];
        return (await stack().get<{ items: Pod[] }>("pods", ...ours)).items;
      };
      const times: number[] = [];
      const away = async () => {
        const node = await nodeOf();
        // Servers find no place on a node that is cordoned; agents would.
        await stack().kubectl("cordon", node);
        let begin = Date.now();
        try {
          await placeAgents({ "web-greetings/nowhere": "true" });
          const names = namesOf(await members());
          const now = ["--force", "--grace-period=0"];
          await stack().kubectl("delete", "pod", "-n", "consul", ...names, ...now);
          begin = Date.now();
          await until("30 s without Consul", 40, async () => {
            const running = (await members()).filter(({ status }) => status.phase === "Running");
            assert.deepEqual(namesOf(running), []);
            return secondsSince(begin) >= 30;
          });
        } finally {
          await stack().kubectl("uncordon", node);
          await placeAgents(null);
          begin = Date.now();
        }
        await until("all of Consul runs", 180, async () => {
          const pods = await members();
          return pods.length === 4 && pods.every(isReady);
        });
        const back = secondsSince(begin);
        await Promise.all(registered.map((app) => catalog.settled(app, 60)));
        times.push(back, secondsSince(begin) - back);
      };
      const load = { way: await stack().wayIn(), run: `away-${Date.now()}`, connections: 8 };
      const published = await publishWhile({ ...load, retries: 0 }, away);
      const [back, found] = times.map((seconds) => seconds.toFixed(1));
      console.log(
        `      ${countsOf(published)}; Consul back after ${back} s, all found again ${found} s later`,
      );
      const { acknowledged, failed } = published;
      assert.equal(failed, 0);
      assert.ok(acknowledged.size > 1000);
    });
  });
}
