import assert from "node:assert/strict";
import * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import {
  differsAtAll,
  identify,
  readCheck,
  readCreate,
  readDelete,
  readDiff,
  readRead,
  readUpdate,
  writeRead,
} from "../../../../sandbox/plugins/rpc/messages.ts";
import { decode, encode } from "../../../../sandbox/plugins/rpc/struct.ts";

const URN = "urn:pulumi:dev::shop::my:Component$toy:index:Box::big::box";
const identity = { urn: URN, type: "toy:index:Box", name: "big::box" };
const known = {
  ...identity,
  id: "box-1",
  oldInputs: { size: 1 },
  oldState: { size: 1, made: "x" },
};
const oldInputs = encode(known.oldInputs);
const oldState = encode(known.oldState);
const inputs = { size: 2 };
const news = encode(inputs);

describe("the requests of the engine", () => {
  it("name a resource by its URN", () => {
    assert.deepEqual(identify(URN), identity);
    assert.deepEqual(identify("urn:pulumi:dev::shop::toy:index:Box::box"), {
      urn: "urn:pulumi:dev::shop::toy:index:Box::box",
      type: "toy:index:Box",
      name: "box",
    });
  });

  it("to check hold the inputs of last time and of now, and how to name", () => {
    const request = new pb.CheckRequest().setUrn(URN).setOlds(oldInputs).setNews(news);
    request.setRandomseed(Uint8Array.of(1, 2));
    const read = { ...identity, oldInputs: known.oldInputs, inputs };
    assert.deepEqual(readCheck(request), { ...read, randomSeed: Uint8Array.of(1, 2) });
    const { PROPOSE, ENFORCE, DISABLE } = pb.CheckRequest.AutonamingOptions.Mode;
    for (const [mode, name] of [
      [PROPOSE, "propose"],
      [ENFORCE, "enforce"],
      [DISABLE, "disable"],
    ] as const) {
      const options = new pb.CheckRequest.AutonamingOptions()
        .setProposedName("box-7")
        .setMode(mode);
      const { autonaming } = readCheck(request.setAutonaming(options));
      assert.deepEqual(autonaming, { proposedName: "box-7", mode: name });
    }
  });

  it("to compare hold what was, what is wanted and what to ignore", () => {
    const request = new pb.DiffRequest().setUrn(URN).setId("box-1").setNews(news);
    request.setOldInputs(oldInputs).setOlds(oldState).setIgnorechangesList(["made"]);
    assert.deepEqual(readDiff(request), { ...known, inputs, ignoreChanges: ["made"] });
  });

  it("to create hold the inputs, and whether it is a plan", () => {
    const request = new pb.CreateRequest().setUrn(URN).setProperties(news);
    request.setPreview(true).setTimeout(5);
    assert.deepEqual(readCreate(request), { ...identity, inputs, preview: true, timeout: 5 });
  });

  it("to read hold what was", () => {
    const request = new pb.ReadRequest().setUrn(URN).setId("box-1");
    request.setInputs(oldInputs).setProperties(oldState);
    assert.deepEqual(readRead(request), known);
  });

  it("to update hold what was, what is wanted, what to ignore and whether it is a plan", () => {
    const request = new pb.UpdateRequest().setUrn(URN).setId("box-1").setNews(news);
    request.setOldInputs(oldInputs).setOlds(oldState).setIgnorechangesList(["made"]);
    request.setPreview(true).setTimeout(5);
    const read = { ...known, inputs, ignoreChanges: ["made"], preview: true, timeout: 5 };
    assert.deepEqual(readUpdate(request), read);
  });

  it("to delete hold what was", () => {
    const request = new pb.DeleteRequest().setUrn(URN).setId("box-1").setTimeout(5);
    request.setOldInputs(oldInputs).setProperties(oldState);
    assert.deepEqual(readDelete(request), { ...known, timeout: 5 });
  });
});

describe("the answers to the engine", () => {
  it("on a resource hold its id, its state and its inputs", () => {
    const response = writeRead({ id: "box-1", state: known.oldState, inputs });
    assert.equal(response.getId(), "box-1");
    assert.deepEqual(decode(response.getProperties()), known.oldState);
    assert.deepEqual(decode(response.getInputs()), inputs);
  });

  it("on settings name each that came, went or changed, and replace nothing", () => {
    const request = { ...known, ignoreChanges: [] };
    const before = { same: [1], gone: 1, other: { a: 1 } };
    const after = { same: [1], other: { a: 2 }, come: 1 };
    assert.deepEqual(differsAtAll({ ...request, oldInputs: before, inputs: after }), {
      changed: true,
      replaces: [],
      deleteBeforeReplace: false,
      detailed: { gone: "update", other: "update", come: "update" },
    });
    const same = differsAtAll({ ...request, oldInputs: before, inputs: { ...before } });
    assert.equal(same.changed, false);
  });
});
