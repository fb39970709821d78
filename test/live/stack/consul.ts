import assert from "node:assert/strict";
import { connect as connectTls } from "node:tls";
import { until } from "../../until.ts";
import { Answers } from "./consulAnswers.ts";
import { answered, ConsulApi } from "./consulApi.ts";
import { missing, type Tally, under } from "./consulLoad.ts";
import { isReady, type Stack } from "./fixture.ts";

const names = ["consul-0", "consul-1", "consul-2"];

/** What the last of these tests changes: an `up` without it would roll everything again. */
export const editions = { consulGossipKeyEdition: 2, certificateEdition: 2 };

interface Server {
  readonly Node: string;
  readonly Leader: boolean;
  readonly Voter: boolean;
  /** Last entry of its log, as the leader saw it some two seconds ago at most. */
  readonly LastIndex: number;
}

/** How Consul's servers stand what happens to them, counted. */
export function consul(stack: () => Stack): void {
  describe("Consul", () => {
    let api: ConsulApi;
    before(async () => {
      api = await ConsulApi.open(stack());
    });

    const raft = async () =>
      (await api.get<{ readonly Servers: readonly Server[] }>("/v1/operator/raft/configuration"))
        .Servers;
    /** A server as it is just before it is killed, for people. */
    const lookAt = async ({ Node: name, Leader }: Server) => {
      const servers = await raft();
      const last = Math.max(...servers.map(({ LastIndex }) => LastIndex));
      const behind = servers.map(({ Node, LastIndex }) => `${Node} ${last - LastIndex}`);
      const what = `${name} killed, ${Leader ? "the leader" : "a follower"}`;
      return `${what}; entries behind: ${behind.join(", ")}`;
    };
    /** As any server has it, asked in a hurry: one that was killed is still among those asked. */
    const leaderAddress = async () => {
      const { status, body } = await api.send("GET", "/v1/status/leader", { patience: 300 });
      return status === 200 ? String(JSON.parse(body)) : "";
    };
    const whole = (seconds: number) =>
      until("three servers with a vote, all ready", seconds, async () => {
        const pods = await stack().pods("consul");
        const voters = (await raft()).filter(({ Voter }) => Voter);
        return pods.length === 3 && pods.every(isReady) && voters.length === 3;
      });
    /** Ends servers without a word to the others, and has them made anew at other addresses. */
    const kill = async (pods: readonly string[]) => {
      for (const pod of pods) {
        // Deleted, also by force, a pod is asked to stop first: a server would leave.
        await stack().ask("pkill", "-KILL", "--full", `^consul agent .* -node=${pod} `);
      }
      await stack().kubectl(
        "delete",
        "pod",
        "-n",
        "consul",
        ...pods,
        "--force",
        "--grace-period=0",
      );
    };

    function report(what: string, tally: Tally, lost: number, more = "") {
      const { acknowledged, failed, repeated, longestGap, longestRequest, longestPause } = tally;
      console.log(
        `      ${what}: acknowledged ${acknowledged.length}, lost ${lost}, failed ${failed}, ` +
          `tried again ${repeated}, longest gap ${longestGap.toFixed(1)} s, longest request ` +
          `${longestRequest.toFixed(1)} s, none begun for ${longestPause.toFixed(1)} s${more}`,
      );
    }

    it("has three servers with a vote each, and an agent on every node", async () => {
      assert.deepEqual((await raft()).map(({ Node }) => Node).sort(), names);
      const members =
        await api.get<readonly { Name: string; Status: number }[]>("/v1/agent/members");
      const alive = members.filter(({ Status }) => Status === 1).map(({ Name }) => Name);
      assert.deepEqual(alive.filter((name) => !name.startsWith("consul-agent-")).sort(), names);
      assert.equal(alive.length, 4);
    });

    it("answers nobody in plain text, nobody without a certificate, and no stranger", async () => {
      assert.equal(await answered(api.address, 8500, "GET / HTTP/1.0\r\n\r\n"), "refused");
      const plain = await answered(api.address, 8501, "GET /v1/status/leader HTTP/1.0\r\n\r\n");
      assert.match(plain, /^HTTP\/1\.0 400 /);
      const { ca } = api.tls;
      const where = { host: api.address, port: 8501, servername: "consul.consul.svc", ca };
      const refused = await new Promise<string>((resolve) => {
        const socket = connectTls(where, () =>
          socket.write("GET /v1/status/leader HTTP/1.0\r\n\r\n"),
        );
        socket.on("error", ({ message }) => resolve(message));
        socket.on("data", (chunk: Buffer) => resolve(`answered ${chunk}`));
      });
      assert.match(refused, /certificate required/);
      assert.equal((await api.send("PUT", "/v1/kv/secret", { body: "x" })).status, 200);
      assert.equal((await api.send("GET", "/v1/kv/secret", { token: "" })).status, 403);
      const strange = { token: "00000000-0000-0000-0000-000000000000" };
      assert.equal((await api.send("GET", "/v1/kv/secret", strange)).status, 403);
    });

    it("loses no acknowledged write while a follower is killed, and then the leader", async () => {
      let slowest = 0;
      const answers = new Answers();
      const followers = async () => (await raft()).filter(({ Leader }) => !Leader);
      const leaders = async () => (await raft()).filter(({ Leader }) => Leader);
      const killEach = async () => {
        for (const choose of [followers, leaders]) {
          const [server] = await choose();
          assert.ok(server);
          const old = await leaderAddress();
          const begin = Date.now();
          answers.begin(await lookAt(server));
          await kill([server.Node]);
          if (server.Leader) {
            await until("another leader", 30, async () => {
              const now = await leaderAddress();
              return now !== "" && now !== old;
            });
            slowest = Math.max(slowest, (Date.now() - begin) / 1000);
          }
          await until(`${server.Node} is missed`, 30, async () => {
            const pods = (await stack().pods("consul")).filter(isReady);
            return !pods.some(({ metadata }) => metadata.name === server.Node);
          });
          await whole(180);
        }
      };
      const tally = await under(() => api, { writes: "one" }, killEach, answers);
      const lost = (await missing(api, "one", tally.acknowledged)).length;
      const leader = `, new leader ${slowest.toFixed(1)} s`;
      report("a follower killed, then the leader", tally, lost, leader);
      for (const line of answers.lines()) console.log(`        ${line}`);
      assert.deepEqual([lost, tally.failed], [0, 0]);
      assert.ok(tally.acknowledged.length > 500);
      assert.ok(slowest > 0 && slowest <= 10, `new leader after ${slowest} s`);
    });

    it("refuses writes while two servers are gone, and has lost none when they are back", async () => {
      const [node = ""] = (await stack().kubectl("get", "nodes", "-o", "name")).trim().split("\n");
      const keys = Array.from({ length: 200 }, (_, index) => `two/${index}`);
      for (const key of keys) {
        const { status } = await api.persist("PUT", `/v1/kv/${key}`, 10, key.slice(4));
        assert.equal(status, 200);
      }
      await stack().kubectl("cordon", node);
      try {
        await kill(["consul-1", "consul-2"]);
        await until("no leader", 60, async () => {
          const { status, body } = await api.send("GET", "/v1/status/leader");
          return status === 200 && body.trim() === '""';
        });
        // A server holds a request for some seconds, in case that there is a leader again.
        const write = { body: "x", patience: 30_000 };
        const { status, body } = await api.send("PUT", "/v1/kv/two/refused", write);
        assert.ok(status === 500 || status === 0, `${status} ${body}`);
      } finally {
        await stack().kubectl("uncordon", node);
      }
      await whole(180);
      const lost = (await missing(api, "two", keys)).length;
      console.log(`      two of three gone for a while: acknowledged ${keys.length}, lost ${lost}`);
      assert.equal(lost, 0);
      assert.equal((await api.send("GET", "/v1/kv/two/refused")).status, 404);
    });

    it("has its majority back within 60 s after all servers are deleted at once", async () => {
      await api.persist("PUT", "/v1/kv/all", 10, "kept");
      const addresses = async () =>
        (await stack().pods("consul")).map(({ status }) => status.podIP).sort();
      const old = await addresses();
      const begin = Date.now();
      await kill(names);
      const back = await api.persist("PUT", "/v1/kv/all-again", 120, "x");
      const seconds = (Date.now() - begin) / 1000;
      assert.equal(back.status, 200);
      const now = await addresses();
      console.log(`      all three deleted: writes again after ${seconds.toFixed(1)} s`);
      assert.deepEqual(
        now.filter((address) => old.includes(address)),
        [],
      );
      assert.equal((await api.send("GET", "/v1/kv/all?raw")).body, "kept");
      assert.ok(seconds <= 60, `${seconds} s`);
      await whole(180);
    });

    it("fails no read while all roll for another gossip key, and for other certificates", async () => {
      const keys = async () => {
        const pools =
          await api.get<readonly { readonly Keys: Readonly<Record<string, number>> }[]>(
            "/v1/operator/keyring",
          );
        return [...new Set(pools.flatMap(({ Keys }) => Object.keys(Keys)))];
      };
      const uids = async () => (await stack().pods("consul")).map(({ metadata }) => metadata.uid);
      await api.persist("PUT", "/v1/kv/read", 10, "me");
      const [first, ...none] = await keys();
      assert.deepEqual(none, []);
      const old = await uids();
      const previous = api.tls.cert;
      const tally = await under(
        () => api,
        { reads: "read" },
        () => stack().up(editions),
      );
      report(JSON.stringify(editions), tally, 0);
      assert.equal(tally.failed, 0);
      assert.ok(tally.longestGap <= 5, `${tally.longestGap} s`);
      const pods = await uids();
      const kept = old.filter((uid) => pods.includes(uid));
      assert.deepEqual({ kept, servers: pods.length }, { kept: [], servers: 3 });
      api = await ConsulApi.open(stack());
      assert.notEqual(api.tls.cert, previous);
      const now = await keys();
      assert.equal(now.length, 1);
      assert.notEqual(now[0], first);
    });
  });
}
