import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ApiAccess,
  accountAccess,
  findRack,
  zoneOf,
} from "../../../../apps/kafka-agent/src/rack.ts";
import { makeCertificates } from "../../certificates.ts";

const ZONE = "topology.kubernetes.io/zone";

describe("the rack of a broker", () => {
  let folder: string;
  let server: Server;
  let port: number;
  /** What the API server heard, and what it answers, the last one from then on. */
  let heard: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  let answers: { readonly status: number; readonly body: string }[];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "rack-"));
    const files = makeCertificates(folder).server;
    writeFileSync(join(folder, "ca.crt"), readFileSync(files.caFile));
    server = createServer(
      { cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) },
      (request, response) => {
        heard.push({ path: request.url ?? "", headers: request.headers });
        const { status, body } = (answers.length > 1 ? answers.shift() : answers[0]) ?? {
          status: 500,
          body: "",
        };
        response.writeHead(status).end(body);
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });

  after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  beforeEach(() => {
    heard = [];
    answers = [];
    writeFileSync(join(folder, "token"), "first\n");
  });

  const access = (): ApiAccess => accountAccess("127.0.0.1", port, folder);
  const node = (labels?: Readonly<Record<string, string>>) => ({
    status: 200,
    body: JSON.stringify({ kind: "Node", metadata: { name: "n", labels } }),
  });

  /** Finds the rack of node "n" with a clock that only pauses move. */
  function find(from: () => ApiAccess = access) {
    let now = 0;
    const warnings: string[] = [];
    const found = findRack({
      access: from,
      node: "n",
      fallback: "default",
      deadlineMs: 3000,
      now: () => now,
      pause: async (ms) => {
        now += ms;
      },
      warn: (reason) => warnings.push(reason),
    });
    return { found, warnings };
  }

  it("is the zone of its node, asked for with the pod's own token", async () => {
    answers = [node({ [ZONE]: "zone-a", "kubernetes.io/os": "linux" })];
    assert.equal(await zoneOf(access(), "ip-10-0-0-1.a/b"), "zone-a");
    assert.deepEqual(
      heard.map(({ path, headers }) => [path, headers.authorization, headers.accept]),
      [["/api/v1/nodes/ip-10-0-0-1.a%2Fb", "Bearer first", "application/json"]],
    );
  });

  it("is the default one on a node without a zone", async () => {
    for (const labels of [undefined, {}, { [ZONE]: "" }]) {
      answers = [node(labels)];
      assert.equal(await find().found, "default");
    }
  });

  it("is asked for again, with a renewed token, while the API server answers with errors", async () => {
    answers = [{ status: 403, body: "{}" }, { status: 503, body: "" }, node({ [ZONE]: "zone-b" })];
    const { found, warnings } = find(() => {
      const now = access();
      writeFileSync(join(folder, "token"), "renewed\n");
      return now;
    });
    assert.equal(await found, "zone-b");
    assert.deepEqual(warnings, [
      "GET /api/v1/nodes/n was answered 403, expected 200",
      "GET /api/v1/nodes/n was answered 503, expected 200",
    ]);
    assert.deepEqual(
      heard.map(({ headers }) => headers.authorization),
      ["Bearer first", "Bearer renewed", "Bearer renewed"],
    );
  });

  it("fails with the last answer after the deadline", async () => {
    answers = [{ status: 404, body: "{}" }];
    const { found, warnings } = find();
    await assert.rejects(found, {
      message: "GET /api/v1/nodes/n was answered 404, expected 200",
    });
    assert.equal(warnings.length, 4);
  });

  it("fails on an answer that is no JSON", async () => {
    answers = [{ status: 200, body: "<html>" }];
    await assert.rejects(find().found, SyntaxError);
  });

  it("is not asked of a server that another authority signed", async () => {
    answers = [node({ [ZONE]: "zone-a" })];
    const other = mkdtempSync(join(tmpdir(), "rack-"));
    try {
      const ca = readFileSync(makeCertificates(other).server.caFile);
      await assert.rejects(zoneOf({ ...access(), ca }, "n"), {
        code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      });
      assert.deepEqual(heard, [], "the token was not shown to it");
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it("fails in a pod without a service account", async () => {
    await assert.rejects(find(() => accountAccess("127.0.0.1", port, join(folder, "none"))).found, {
      code: "ENOENT",
    });
  });
});
