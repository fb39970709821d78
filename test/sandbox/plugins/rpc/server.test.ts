import assert from "node:assert/strict";
import { credentials, type ServiceError as GrpcError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import { Status } from "@pulumi/pulumi/proto/status_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { InitializationError } from "../../../../sandbox/plugins/rpc/errors.ts";
import type { Provider } from "../../../../sandbox/plugins/rpc/index.ts";
import { Secret } from "../../../../sandbox/plugins/rpc/index.ts";
import { type Listening, listen } from "../../../../sandbox/plugins/rpc/server.ts";
import { decode, encode } from "../../../../sandbox/plugins/rpc/struct.ts";

const URN = "urn:pulumi:dev::shop::my:Component$toy:index:Box::big::box";

const PROVIDER: Provider = {
  check: async ({ inputs, name, type }) => ({
    inputs: { ...inputs, name, type },
    failures: [{ property: "size", reason: "too big" }],
  }),
  diff: async () => ({
    changed: true,
    replaces: ["size"],
    deleteBeforeReplace: true,
    detailed: { size: "update-replace" },
  }),
  create: async ({ inputs, preview }) => {
    if (preview) return { id: "", state: inputs };
    throw new InitializationError("box is shut", {
      id: "box-1",
      state: { word: new Secret("sesame") },
      reasons: ["no key"],
    });
  },
  read: async () => undefined,
  update: (_request, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("stopped")));
    }),
  delete: async () => {},
};

describe("the plugin server", () => {
  let server: Listening;
  let client: ResourceProviderClient;

  before(async () => {
    server = await listen({ name: "toy", version: "1.2.3", provider: () => PROVIDER }, undefined);
    client = new ResourceProviderClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  });

  after(() => {
    client.close();
    server.close();
  });

  function ask<Response>(
    call: (done: (error: GrpcError | null, response: Response) => void) => void,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      call((error, response) => (error === null ? resolve(response) : reject(error)));
    });
  }

  it("reads type and name out of the URN and answers with failures", async () => {
    const request = new pb.CheckRequest().setUrn(URN).setNews(encode({ size: 1 }));
    const response = await ask<pb.CheckResponse>((done) => client.check(request, done));
    assert.deepEqual(decode(response.getInputs()), {
      size: 1,
      name: "big::box",
      type: "toy:index:Box",
    });
    assert.deepEqual(
      response.getFailuresList().map((one) => one.toObject()),
      [{ property: "size", reason: "too big" }],
    );
  });

  it("writes detailed differences", async () => {
    const request = new pb.DiffRequest().setUrn(URN);
    const response = await ask<pb.DiffResponse>((done) => client.diff(request, done));
    assert.equal(response.getDeletebeforereplace(), true);
    assert.deepEqual(response.getReplacesList(), ["size"]);
    const kind = response.getDetaileddiffMap().get("size")?.getKind();
    assert.equal(kind, pb.PropertyDiff.Kind.UPDATE_REPLACE);
  });

  it("tells the engine of a resource that exists but is not ready", async () => {
    const request = new pb.CreateRequest().setUrn(URN);
    const failure = await ask<pb.CreateResponse>((done) => client.create(request, done)).then(
      () => assert.fail("created"),
      (error: GrpcError) => error,
    );
    assert.equal(failure.details, "box is shut");
    const [packed] = failure.metadata.get("grpc-status-details-bin");
    const [detail] = Status.deserializeBinary(packed as Buffer).getDetailsList();
    assert.equal(detail?.getTypeName(), "pulumirpc.ErrorResourceInitFailed");
    const unfinished = pb.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
    assert.equal(unfinished.getId(), "box-1");
    assert.deepEqual(unfinished.getReasonsList(), ["no key"]);
    assert.deepEqual(decode(unfinished.getProperties()), { word: new Secret("sesame") });
  });

  it("answers with an empty id for a resource that is gone", async () => {
    const request = new pb.ReadRequest().setUrn(URN).setId("box-1");
    const response = await ask<pb.ReadResponse>((done) => client.read(request, done));
    assert.equal(response.getId(), "");
  });

  it("says that it has no functions and no components", async () => {
    const invoke = new pb.InvokeRequest().setTok("toy:index:open");
    await assert.rejects(
      ask((done) => client.invoke(invoke, done)),
      { details: "function toy:index:open is not supported by the stand-in" },
    );
    await assert.rejects(
      ask((done) => client.construct(new pb.ConstructRequest(), done)),
      { details: "Construct is not supported by the stand-in for the toy plugin" },
    );
  });

  it("stops what is under way when the engine cancels", async () => {
    const update = ask((done) => client.update(new pb.UpdateRequest().setUrn(URN), done));
    const stopped = assert.rejects(update, { details: "stopped" });
    await ask((done) => client.cancel(new Empty(), done));
    await stopped;
  });
});
