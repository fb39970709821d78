import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderStart, renderWatch, renderWatchSettings } from "../../../workloads/edge/scripts.ts";
import { until } from "../../until.ts";

/** A consul-template that writes down its arguments and signals. */
const PROGRAM = `#!/bin/sh
echo "$*" >>"$SAID"
trap 'echo HUP >>"$SAID"' HUP
trap 'echo TERM >>"$SAID"; exit 12' TERM
while :; do sleep 0.05; done
`;

describe("start of consul-template", () => {
  let anew = 15;
  let folder: string;
  let child: ChildProcess;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "watch-"));
    for (const name of ["bin", "token"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "bin/consul-template"), PROGRAM);
    chmodSync(join(folder, "bin/consul-template"), 0o755);
    const script = renderWatch()
      .replaceAll("/run/token", join(folder, "token"))
      .replace("-lt 15", `-lt ${anew}`);
    const env = { PATH: `${join(folder, "bin")}:${process.env.PATH}`, SAID: join(folder, "said") };
    child = spawn("sh", ["-c", script], { env, detached: true, stdio: "ignore" });
  });

  afterEach(() => {
    try {
      if (child.pid) process.kill(-child.pid, "SIGKILL");
    } catch {
      // Nothing is left.
    }
    rmSync(folder, { recursive: true });
  });

  const said = () => {
    const file = join(folder, "said");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
  };
  const leave = (token: string) => {
    writeFileSync(join(folder, "token/new"), `${token}\n`);
    renameSync(join(folder, "token/new"), join(folder, "token/consul"));
  };
  const end = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
    return child.exitCode;
  };
  const START = "-config=/etc/edge/config/watch.hcl";

  it("waits for a token, and stops while it waits", async () => {
    writeFileSync(join(folder, "token/consul"), "");
    const children = `/proc/${child.pid}/task/${child.pid}/children`;
    await until("it waits", 5, () => readFileSync(children, "utf8") !== "");
    assert.equal(await end(), 0);
    assert.deepEqual(said(), []);
  });

  it("starts it with a token, and again with each new one", async () => {
    leave("first");
    await until("it is started", 5, () => said().length === 1);
    leave("second");
    await until("it has heard of the second", 5, () => said().length === 2);
    leave("second");
    leave("third");
    await until("it has heard of the third", 5, () => said().length === 3);
    assert.deepEqual(said(), [START, "HUP", "HUP"]);
  });

  describe("after a while", () => {
    before(() => {
      anew = 2;
    });
    after(() => {
      anew = 15;
    });

    it("starts it again, whatever it waits for", async () => {
      leave("first");
      await until("it has heard twice", 10, () => said().length === 3);
      assert.deepEqual(said(), [START, "HUP", "HUP"]);
    });
  });

  it("stops it, and ends well", async () => {
    leave("first");
    await until("it is started", 5, () => said().length === 1);
    assert.equal(await end(), 0);
    assert.deepEqual(said(), [START, "TERM"]);
  });

  it("ends as it does when it ends by itself", async () => {
    const program = join(folder, "bin/consul-template");
    writeFileSync(program, "#!/bin/sh\nexit 14\n");
    const ended = new Promise((resolve) => child.once("exit", resolve));
    leave("first");
    await ended;
    assert.equal(child.exitCode, 14);
  });
});

describe("scripts of the edge", () => {
  for (const [name, script] of [
    ["nginx", renderStart()],
    ["consul-template", renderWatch()],
  ] as const) {
    it(`of ${name} are good POSIX shell`, () => {
      const { status, stderr } = spawnSync("sh", ["-n", "-c", script], { encoding: "utf8" });
      assert.deepEqual([status, stderr], [0, ""]);
    });
  }
});

describe("watch.hcl", () => {
  const text = renderWatchSettings("consul-agent.consul.svc:8501");
  const table = [
    'address = "consul-agent.consul.svc:8501"',
    'token_file = "/run/token/consul"',
    // 0: for ever.
    "attempts = 0",
    "verify = true",
    'ca_cert = "/etc/edge/tls/ca.crt"',
    'cert = "/etc/edge/tls/tls.crt"',
    'key = "/etc/edge/tls/tls.key"',
    'kill_signal = "SIGTERM"',
    'source = "/etc/edge/config/nginx.conf.ctmpl"',
    'destination = "/run/edge/candidate.conf"',
    'min = "1s"',
    'max = "3s"',
    'command = ["/bin/sh", "-c", "[ ! -p /run/edge/news ] || echo new 1<>/run/edge/news"]',
  ];
  for (const line of table) {
    it(`has the line ${line}`, () => {
      const found = text.split("\n").filter((one) => one.trim() === line);
      assert.equal(found.length, 1);
    });
  }

  it("holds no token", () => assert.doesNotMatch(text, /token = /));
});

describe("the word that news are there", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "news-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const tell = () => {
    const command = /command = (.*)$/m.exec(renderWatchSettings("a:1"))?.[1] ?? "[]";
    const [program = "", ...args] = JSON.parse(command.replaceAll("/run/edge", folder)) as string[];
    return spawnSync(program, args, { timeout: 5000 }).status;
  };

  it("ends well where nobody has made the pipe yet, and makes nothing", () => {
    assert.equal(tell(), 0);
    assert.equal(existsSync(join(folder, "news")), false);
  });

  it("ends well where nobody reads the pipe", () => {
    spawnSync("mkfifo", [join(folder, "news")]);
    assert.equal(tell(), 0);
  });
});
