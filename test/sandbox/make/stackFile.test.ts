import assert from "node:assert/strict";
import { parse } from "yaml";
import { mergeStackFile } from "../../../sandbox/make/stackFile.ts";

const base = "config:\n  web-greetings:context: minikube\n  web-greetings:retain: false\n";
const overlay = "config:\n  web-greetings:context: sandbox\n";

describe("stack file", () => {
  it("is the project's own with the sandbox's settings over it", () => {
    assert.deepEqual(parse(mergeStackFile(base, overlay, "")), {
      config: { "web-greetings:context": "sandbox", "web-greetings:retain": false },
    });
  });

  it("lays maps over each other entry by entry", () => {
    const mine = "config:\n  web-greetings:workloads: { influxdb: false, grafana: true }\n";
    const over = "config:\n  web-greetings:workloads: { grafana: false }\n";
    assert.deepEqual(parse(mergeStackFile(mine, over, "")), {
      config: { "web-greetings:workloads": { influxdb: false, grafana: false } },
    });
  });

  it("keeps the salt of its last use, and nothing else of it", () => {
    const last = "encryptionsalt: v1:abc\nconfig:\n  web-greetings:scale: full\n";
    assert.deepEqual(parse(mergeStackFile(base, "", last)), {
      config: { "web-greetings:context": "minikube", "web-greetings:retain": false },
      encryptionsalt: "v1:abc",
    });
  });

  it("prefers a salt that the project's own file carries", () => {
    const merged = parse(mergeStackFile("encryptionsalt: mine\n", "", "encryptionsalt: last\n"));
    assert.equal(merged.encryptionsalt, "mine");
  });
});
