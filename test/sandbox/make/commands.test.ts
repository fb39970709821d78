import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { consul, forward, logs, outputs, query } from "../../../sandbox/make/commands.ts";
import type { Session } from "../../../sandbox/make/session.ts";

const prefix = "app.kubernetes.io";

/** Answers as kubectl does: the pods of the stack, and the one service that there is. */
const kubectl = `case "$*" in
*" get pods "*) printf '%s\\n' "greetings   greetings   api" "kafka   kafka   broker" "consul  consul  server" "monitoring  prometheus  server" ;;
*" get service "*component=api*) printf 'greetings-api 8080\\n' ;;
*" get service "*) ;;
esac`;

describe("commands on a stack", () => {
  let folder = "";

  /** A session whose pulumi prints these outputs; every call of a program is written down. */
  function sessionWith(json: string): Session {
    const script = (name: string, body: string) => {
      const file = join(folder, name);
      writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> '${folder}/calls'\n${body}\n`);
      chmodSync(file, 0o755);
    };
    script("pulumi", `echo '${json}'`);
    script("kubectl", kubectl);
    const environment = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
    return { stack: "dev", cluster: "context", environment, ownsState: false };
  }

  const calls = () => readFileSync(join(folder, "calls"), "utf8").trimEnd().split("\n");
  const up = '{"context":"here"}';
  const askOutputs = "pulumi stack output --stack dev --json";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "commands-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("read the outputs", async () => {
    assert.deepEqual(await outputs(sessionWith(up)), { context: "here" });
    assert.deepEqual(calls(), [askOutputs]);
  });

  it("show the log of an app by its part, on the stack's own context", async () => {
    assert.equal(await logs(sessionWith(up), "api", true), 0);
    const [first, pods, ...rest] = calls();
    assert.equal(first, askOutputs);
    assert.match(
      pods ?? "",
      new RegExp(`^kubectl --context here get pods -A -l ${prefix}/part-of`),
    );
    assert.deepEqual(rest, [
      `kubectl --context here -n greetings logs -l ${prefix}/component=api --tail=-1 --max-log-requests=50 --follow`,
    ]);
  });

  it("show the log of an app by its name, to its present end", async () => {
    assert.equal(await logs(sessionWith(up), "kafka", false), 0);
    assert.equal(
      calls().at(-1),
      `kubectl --context here -n kafka logs -l ${prefix}/name=kafka --tail=-1 --max-log-requests=50`,
    );
  });

  for (const [port, ports] of [
    [undefined, ":8080"],
    ["9000", "9000:8080"],
  ] as const) {
    it(`bring a service to this machine, port ${port}`, async () => {
      assert.equal(await forward(sessionWith(up), "api", port), 0);
      assert.equal(
        calls().at(-1),
        `kubectl --context here -n greetings port-forward service/greetings-api ${ports}`,
      );
      assert.equal(calls().filter((call) => call === askOutputs).length, 1);
    });
  }

  it("show secrets only when they are asked for", async () => {
    await outputs(sessionWith(up), true);
    assert.deepEqual(calls(), [`${askOutputs} --show-secrets`]);
  });

  it("run Consul's command line in a server", async () => {
    assert.equal(await consul(sessionWith(up), "kv get -recurse a b"), 0);
    assert.equal(
      calls().at(-1),
      "kubectl --context here -n consul exec statefulset/consul -c consul -- sh -c consul kv get -recurse a b",
    );
  });

  it("ask Prometheus in its pod, with the certificate that it has", async () => {
    assert.equal(await query(sessionWith(up), 'up{job="a b"} == 0'), 0);
    const client = "--http.config.file=/etc/monitoring/config/client.yml https://localhost:9090";
    assert.equal(
      calls().at(-1),
      "kubectl --context here -n monitoring exec statefulset/prometheus -c prometheus -- " +
        `promtool query instant ${client} up{job="a b"} == 0`,
    );
  });

  it("fail on an app that serves nothing", async () => {
    await assert.rejects(forward(sessionWith(up), "kafka", undefined), {
      message: "kafka serves nothing: it has no service",
    });
  });

  it("fail on an app that is not there, naming those that are", async () => {
    await assert.rejects(logs(sessionWith(up), "shop", false), {
      message:
        'no app "shop" is running; running: api, broker, consul, greetings, kafka, prometheus, server',
    });
  });

  it("fail while the stack is not up", async () => {
    await assert.rejects(logs(sessionWith("{}"), "api", false), {
      message: "the stack is not up; run `make up`",
    });
  });
});
