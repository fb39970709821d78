import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addresses } from "../../../sandbox/addresses.ts";
import { findConsul } from "../../apps/consul.ts";
import { until } from "../../until.ts";
import { ConsulApi } from "./consulApi.ts";
import type { Stack } from "./fixture.ts";

const ALIVE = 1;

/** A client agent on the node itself, where no policy is in its way, that has nothing but a key. */
class Stranger {
  readonly #folder = mkdtempSync(join(tmpdir(), "stranger-"));
  readonly #child;
  readonly #ended: Promise<unknown>;
  /** All that it has said. */
  said = "";

  constructor(program: string, name: string, key: string, join: string) {
    const ports = "http = -1 https = -1 grpc = -1 grpc_tls = -1 dns = -1 serf_lan = 18301";
    const flags = ["-data-dir", this.#folder, "-node", name, "-bind", addresses.node];
    const gossip = ["-encrypt", key, "-retry-join", join, "-retry-interval", "1s"];
    const args = ["agent", ...flags, ...gossip, "-datacenter", "dc1", "-hcl", `ports { ${ports} }`];
    this.#child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#ended = new Promise((resolve) => this.#child.on("close", resolve));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        this.said += chunk;
      });
    }
  }

  async leave(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#ended;
    rmSync(this.#folder, { recursive: true });
  }
}

/** That gossip is for those who have its key. */
export function strangers(stack: () => Stack): void {
  describe("Consul's gossip", () => {
    let api: ConsulApi;
    let key = "";
    let server = "";
    let program = "";

    before(async function () {
      const found = findConsul();
      if (!found) {
        console.log("      skipped: needs consul, which `make sandbox-up` builds");
        this.skip();
      }
      program = found;
      api = await ConsulApi.open(stack());
      const [pod] = await stack().pods("consul");
      server = `${pod?.status.podIP}:8301`;
      const keyring = await api.get<readonly { readonly Keys: object }[]>("/v1/operator/keyring");
      key = Object.keys(keyring[0]?.Keys ?? {})[0] ?? "";
    });

    const isMember = async (name: string) => {
      const members =
        await api.get<readonly { readonly Name: string; readonly Status: number }[]>(
          "/v1/agent/members",
        );
      return members.some(({ Name, Status }) => Name === name && Status === ALIVE);
    };

    it("lets nobody in who has another key", async () => {
      const name = `stranger-${Date.now()}`;
      const other = new Stranger(program, name, randomBytes(32).toString("base64"), server);
      try {
        const tried = () => other.said.match(/Join cluster failed/g)?.length ?? 0;
        await until("three attempts that failed", 60, () => tried() >= 3);
        assert.equal(await isMember(name), false);
      } finally {
        await other.leave();
      }
    });

    it("lets the key's holder in, which shows that the other one was refused for its key", async () => {
      const name = `holder-${Date.now()}`;
      const holder = new Stranger(program, name, key, server);
      try {
        await until(`${name} is a member`, 60, () => isMember(name));
      } finally {
        await holder.leave();
      }
      await until(`${name} is gone`, 60, async () => !(await isMember(name)));
    });
  });
}
