import assert from "node:assert/strict";
import type { Answer, Request } from "../../../sandbox/policy/ask.ts";
import { type PluginResult, runPlugin } from "../../../sandbox/policy/cni.ts";

const prevResult = {
  cniVersion: "1.0.0",
  interfaces: [{ name: "eth0", sandbox: "/run/netns/x" }],
  ips: [{ address: "fd00::2/64" }, { address: "10.201.0.7/16", gateway: "10.201.0.1" }],
};
const configuration = {
  cniVersion: "1.0.0",
  name: "sandbox",
  type: "sandbox-policy",
  socket: "/run/policy",
  prevResult,
};
const environment = {
  CNI_COMMAND: "ADD",
  CNI_CONTAINERID: "c1",
  CNI_ARGS: "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=db-0;K8S_POD_UID=u1",
};
const binding = {
  container: "c1",
  address: "10.201.0.7",
  namespace: "shop",
  name: "db-0",
  uid: "u1",
};

describe("CNI plugin of the network policies", () => {
  /** What was asked, with the socket, and whether patiently. */
  let asked: (readonly [string, Request, "once" | "patiently"])[];
  let answer: () => Promise<Answer>;

  const call = (
    variables: Readonly<Record<string, string>> = {},
    input: object | string = configuration,
  ): Promise<PluginResult> =>
    runPlugin(
      {
        environment: { ...environment, ...variables },
        input: typeof input === "string" ? input : JSON.stringify(input),
      },
      {
        ask: (socket, request) => {
          asked.push([socket, request, "once"]);
          return answer();
        },
        askPatiently: (socket, request) => {
          asked.push([socket, request, "patiently"]);
          return answer();
        },
      },
    );
  const failure = async (result: Promise<PluginResult>) => {
    const { output, code } = await result;
    assert.equal(code, 1);
    return JSON.parse(output) as unknown;
  };

  beforeEach(() => {
    asked = [];
    answer = async () => ({});
  });

  it("waits for the rules of a pod and hands on the result before it", async () => {
    const { output, code } = await call();
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(output), prevResult);
    assert.deepEqual(asked, [["/run/policy", { command: "add", binding }, "patiently"]]);
  });

  it("gives the result the version that was asked for", async () => {
    const { output } = await call({}, { ...configuration, cniVersion: "0.4.0" });
    assert.equal((JSON.parse(output) as { cniVersion: string }).cniVersion, "0.4.0");
  });

  it("fails with the reason when the rules do not stand", async () => {
    answer = async () => ({ error: "not within 10 s: no such set" });
    assert.deepEqual(await failure(call()), {
      cniVersion: "1.0.0",
      code: 100,
      msg: "not within 10 s: no such set",
    });
  });

  it("fails when nobody keeps the rules", async () => {
    answer = () => Promise.reject(new Error("connect ENOENT /run/policy"));
    assert.deepEqual(await failure(call()), {
      cniVersion: "1.0.0",
      code: 100,
      msg: "network policies are not kept, run `make sandbox-up`: connect ENOENT /run/policy",
    });
  });

  it("has a pod forgotten, whether somebody listens or not", async () => {
    const done = { output: "", code: 0 };
    assert.deepEqual(await call({ CNI_COMMAND: "DEL", CNI_ARGS: "" }), done);
    assert.deepEqual(asked, [["/run/policy", { command: "delete", container: "c1" }, "once"]]);
    answer = () => Promise.reject(new Error("connect ENOENT /run/policy"));
    assert.deepEqual(await call({ CNI_COMMAND: "DEL" }), done);
  });

  it("checks that the address is still the pod's", async () => {
    assert.deepEqual(await call({ CNI_COMMAND: "CHECK" }), { output: "", code: 0 });
    const check = { command: "check", container: "c1", address: "10.201.0.7" } as const;
    assert.deepEqual(asked, [["/run/policy", check, "once"]]);
    answer = async () => ({ error: "c1 has none, not 10.201.0.7" });
    assert.deepEqual(await failure(call({ CNI_COMMAND: "CHECK" })), {
      cniVersion: "1.0.0",
      code: 100,
      msg: "c1 has none, not 10.201.0.7",
    });
  });

  it("says which versions it knows", async () => {
    const { output, code } = await runPlugin(
      { environment: { CNI_COMMAND: "VERSION" }, input: '{"cniVersion":"1.0.0"}' },
      { ask: () => answer(), askPatiently: () => answer() },
    );
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(output), {
      cniVersion: "1.0.0",
      supportedVersions: ["0.3.0", "0.3.1", "0.4.0", "1.0.0"],
    });
  });

  const { prevResult: _, ...unchained } = configuration;
  const faults: readonly (readonly [string, Record<string, string>, object | string, object])[] = [
    ["no command", { CNI_COMMAND: "" }, configuration, { code: 4, msg: "CNI_COMMAND is not set" }],
    [
      "an unknown command",
      { CNI_COMMAND: "GC" },
      configuration,
      { code: 4, msg: "CNI_COMMAND GC is unknown" },
    ],
    [
      "no pod",
      { CNI_ARGS: "IgnoreUnknown=1" },
      configuration,
      { code: 4, msg: "CNI_ARGS has no K8S_POD_NAMESPACE" },
    ],
    [
      "no address",
      {},
      unchained,
      {
        code: 7,
        msg: "no IPv4 address in prevResult: this plugin comes after the one that gives addresses",
      },
    ],
  ];
  for (const [title, variables, input, expected] of faults) {
    it(`fails with ${title}`, async () => {
      assert.deepEqual(await failure(call(variables, input)), { cniVersion: "1.0.0", ...expected });
      assert.deepEqual(asked, []);
    });
  }

  it("fails with a configuration that is no JSON", async () => {
    const { code, msg } = (await failure(call({}, "{"))) as { code: number; msg: string };
    assert.equal(code, 7);
    assert.match(msg, /JSON/);
  });
});
