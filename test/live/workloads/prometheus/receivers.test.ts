import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSettings } from "../../../../infra/config.ts";
import { root } from "../../../../sandbox/make/session.ts";
import { commandsOf } from "../../../markdown.ts";
import { requireLive } from "../../harness.ts";

/** What a person types where Pulumi asks for a secret, by the command that has it asked. */
const secrets: Readonly<Record<string, string>> = {
  "put '[0].url' --secret": "https://hook.example/s3cr3t",
  "put '[1].url' --secret": "https://slack.example/s3cr3t",
  "put '[2].login.password' --secret": "s3cr3t",
  "put '[3].url' --secret": "https://switch.example/s3cr3t",
};

describe("docs/monitoring.md, typed into a shell with Pulumi", () => {
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  const file = () => readFileSync(join(folder, "Pulumi.prod.yaml"), "utf8");

  before(function () {
    const { path } = requireLive(this);
    folder = mkdtempSync(join(tmpdir(), "web-greetings-"));
    mkdirSync(join(folder, "state"));
    copyFileSync(join(root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    copyFileSync(join(root, "Pulumi.prod.yaml"), join(folder, "Pulumi.prod.yaml"));
    writeFileSync(join(folder, "ca.pem"), "PEM\n");
    environment = {
      ...process.env,
      PATH: path,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "for this test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    type("pulumi stack init prod --non-interactive");
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  function type(command: string, input = ""): string {
    const options = { cwd: folder, env: environment, input, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync("bash", ["-ec", command], options);
    assert.equal(status, 0, `${command}\n${stdout}${stderr}`);
    return stdout;
  }

  /** A setting as the program gets it. */
  const settingOf = (key: string) => {
    const all = JSON.parse(type("pulumi config --stack prod --show-secrets --json"));
    return JSON.parse(all[`web-greetings:${key}`].value);
  };

  it("makes receivers that the program takes, with nothing secret in the clear", () => {
    const page = readFileSync(join(root, "docs/monitoring.md"), "utf8");
    const commands = commandsOf(page).filter((one) => /^(put|pulumi config)\b/.test(one));
    const [define = "", ...others] = commands;
    assert.match(define, /^put\(\) /);
    const asked: string[] = [];
    for (const command of others) {
      const [, bare = command] = command.match(/^(.*?) +#/) ?? [];
      if (bare.endsWith("--secret")) asked.push(bare);
      type(`${define}\n${command}`, secrets[bare]);
    }
    assert.deepEqual(asked.toSorted(), Object.keys(secrets).toSorted());
    const alertReceivers = settingOf("alertReceivers");
    // The last command takes the second one away.
    assert.deepEqual(alertReceivers, [
      { kind: "webhook", url: "https://hook.example/s3cr3t", ca: "PEM" },
      {
        ...{ kind: "email", to: "people@yourcom.example", from: "alerts@yourcom.example" },
        server: { host: "mail.yourcom.example", port: 587 },
        login: { user: "alerts", password: "s3cr3t" },
      },
      { kind: "deadMansSwitch", url: "https://switch.example/s3cr3t" },
    ]);
    const settings = parseSettings({ alertReceivers }, new Map());
    assert.deepEqual(settings.alertReceivers, alertReceivers);
    assert.doesNotMatch(file(), /s3cr3t/);
    assert.equal(file().match(/secure: /g)?.length, 3);
  });

  it("switches a part off", () => {
    const page = readFileSync(join(root, "docs/monitoring.md"), "utf8");
    const isSetting = (code: string) => /^pulumi config set .*workloads/.test(code);
    const [command, ...more] = commandsOf(page, isSetting).filter(isSetting);
    assert.ok(command);
    assert.deepEqual(more, []);
    type(command);
    const { workloads } = parseSettings({ workloads: settingOf("workloads") }, new Map());
    assert.deepEqual(workloads, { prometheus: true, influxdb: true, grafana: false });
  });
});
