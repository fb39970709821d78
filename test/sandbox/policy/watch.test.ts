import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ObjectWatch } from "../../../sandbox/policy/watch.ts";
import { until } from "../../until.ts";
import { type FakeApi, type FakeObject, startFakeApi } from "./fakeApi.ts";

function objectOf(name: string, resourceVersion: string, labels = {}): FakeObject {
  return { metadata: { name, namespace: "shop", resourceVersion, labels } };
}

describe("watch of a collection", () => {
  let folder: string;
  let api: FakeApi;
  let watch: ObjectWatch<FakeObject>;
  let following: Promise<void>;
  let logged: string[];
  /** The problem at each change. */
  let problems: (string | undefined)[];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "watch-"));
    api = await startFakeApi(join(folder, "certificates"));
  });
  after(() => {
    api.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    api.list = { version: "10", items: [objectOf("a", "4"), objectOf("b", "9")] };
    api.asked.length = 0;
    logged = [];
    problems = [];
    watch = new ObjectWatch<FakeObject>({
      server: api.url,
      files: api.files,
      path: "/api/v1/pods",
      onChange: () => problems.push(watch.problem),
      log: (line) => logged.push(line),
      pause: { first: 1, most: 20 },
    });
    following = watch.follow();
  });
  afterEach(async () => {
    watch.stop();
    await following;
  });

  const isLive = () => until("the watch is live", 5, () => watch.problem === undefined);
  const names = () => watch.objects?.map(({ metadata }) => metadata.name);
  const send = (text: string) => api.watches.at(-1)?.write(text);
  const event = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;
  const versions = () =>
    api.asked.map((query) => new URLSearchParams(query).get("resourceVersion") ?? "list");

  it("lists first, and is live when the watch is open", async () => {
    assert.equal(watch.objects, undefined);
    assert.equal(watch.problem, "/api/v1/pods was not read yet");
    await isLive();
    assert.deepEqual(names(), ["a", "b"]);
    assert.deepEqual(versions(), ["list", "10"]);
    assert.match(api.asked[1] ?? "", /^\?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&/);
  });

  it("applies one change after the other, however the text is cut", async () => {
    await isLive();
    const before = problems.length;
    const text =
      event("ADDED", objectOf("ü", "11")) +
      event("MODIFIED", objectOf("a", "12", { app: "x" })) +
      event("DELETED", objectOf("b", "13"));
    const bytes = Buffer.from(text);
    const middle = bytes.indexOf(Buffer.from("ü")) + 1;
    api.watches.at(-1)?.write(bytes.subarray(0, middle));
    api.watches.at(-1)?.write(bytes.subarray(middle));
    await until("the changes", 5, () => problems.length === before + 3);
    assert.deepEqual(names(), ["a", "ü"]);
    assert.deepEqual(watch.objects?.[0]?.metadata.labels, { app: "x" });
  });

  it("takes a watch up again where the server ended it, without a list", async () => {
    await isLive();
    send(event("ADDED", objectOf("c", "11")));
    send(event("BOOKMARK", { kind: "Pod", metadata: { resourceVersion: "25" } }));
    api.watches.at(-1)?.end();
    await until("the next watch", 5, () => api.asked.length === 3);
    await isLive();
    assert.deepEqual(versions(), ["list", "10", "25"]);
    assert.deepEqual(names(), ["a", "b", "c"]);
    assert.deepEqual(logged, []);
  });

  it("is not live between two watches", async () => {
    await isLive();
    api.watches.at(-1)?.end();
    await until("the next watch", 5, () => api.asked.length === 3);
    await isLive();
    assert.deepEqual(problems.slice(-3), [
      undefined,
      "/api/v1/pods is not watched for a moment",
      undefined,
    ]);
  });

  it("lists again when the server has forgotten the version", async () => {
    await isLive();
    api.list = { version: "40", items: [objectOf("d", "30")] };
    send(event("ERROR", { kind: "Status", code: 410, reason: "Expired" }));
    await until("the new list", 5, () => names()?.join() === "d");
    await isLive();
    assert.deepEqual(versions(), ["list", "10", "list", "40"]);
    assert.equal(logged.length, 1);
    assert.match(logged[0] ?? "", /^\/api\/v1\/pods: .*410/);
  });

  it("lists again when the connection breaks", async () => {
    await isLive();
    api.list = { version: "50", items: [] };
    api.watches.at(-1)?.destroy();
    await until("the new list", 5, () => names()?.length === 0);
    await isLive();
    assert.deepEqual(versions(), ["list", "10", "list", "50"]);
  });

  it("keeps what it knows, and says what is wrong, while it is refused", async () => {
    await isLive();
    api.list = { version: undefined, items: [] };
    api.watches.at(-1)?.destroy();
    await until("the refusal", 5, () => watch.problem?.includes("403"));
    assert.match(watch.problem ?? "", /^\/api\/v1\/pods: .* answered 403: you may not$/);
    assert.deepEqual(names(), ["a", "b"]);
    api.list = { version: "60", items: [objectOf("e", "55")] };
    await isLive();
    assert.deepEqual(names(), ["e"]);
  });

  it("lists again after a line that is no JSON", async () => {
    await isLive();
    send("{\n");
    await until("the second list", 5, () => api.asked.length >= 4);
    await isLive();
    assert.deepEqual(versions(), ["list", "10", "list", "10"]);
  });

  it("ends when it is told to", async () => {
    await isLive();
    watch.stop();
    await following;
    await until("the connection is closed", 5, () => api.watches.length === 0);
    assert.deepEqual(logged, []);
  });
});
