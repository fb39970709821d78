import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import { parseSettings } from "../../../infra/config.ts";
import { createPlatform, type Platform } from "../../../infra/platform.ts";
import { record, settle } from "../../mocks.ts";

const contexts = new Map([["minikube", "https://192.0.2.10:8443"]]);

function platform(settings: Record<string, unknown> = {}): Platform {
  return createPlatform(parseSettings(settings, contexts), contexts);
}

/** What `publish` gives for a service, under mocks that hand out node port 30080. */
async function urlOf(
  settings: Record<string, unknown>,
  type: string,
  { preview = false, scheme = "https" } = {},
) {
  let url: string | undefined;
  let error: unknown;
  await record(async () => {
    const of = platform(settings);
    const spec = { type, ports: [{ name: scheme, port: 443 }] };
    const service = new k8s.core.v1.Service("web", { spec }, { provider: of.provider });
    const output = of.publish("web", service, {
      host: "web.yourcom.example",
      healthPath: "/health",
    });
    await settle(output).then(
      (value) => {
        url = value;
      },
      (caught: unknown) => {
        error = caught;
      },
    );
  }, preview);
  if (error) throw error;
  return url;
}

describe("minikube platform", () => {
  it("publishes a service at its node port on the API server's host", async () => {
    assert.equal(await urlOf({}, "NodePort"), "https://192.0.2.10:30080");
    assert.equal(await urlOf({}, "NodePort", { scheme: "http" }), "http://192.0.2.10:30080");
  });

  it("publishes at the node that the settings name", async () => {
    const url = await urlOf({ nodeAddress: "node.example" }, "NodePort");
    assert.equal(url, "https://node.example:30080");
    assert.equal(platform({ nodeAddress: "node.example" }).openedAs("web"), "node.example");
  });

  it("previews a port that the cluster has not given yet", async () => {
    assert.equal(await urlOf({}, "ClusterIP", { preview: true }), "https://192.0.2.10:<node port>");
  });

  it("names the provider by its context, so that a new address replaces nothing", async () => {
    const [provider] = await record(() => platform());
    assert.deepEqual(provider?.inputs, { clusterIdentifier: "minikube", context: "minikube" });
  });

  it("builds each app once, from a context that is named relative to the project", async () => {
    const resources = await record(() => {
      const of = platform();
      of.image("api");
      of.image("api");
    });
    const images = resources.filter(({ type }) => type.startsWith("docker:"));
    assert.equal(images.length, 1);
    const build = images[0]?.inputs.build as Record<string, unknown> | undefined;
    assert.equal(build?.context, "apps/api/dist");
    assert.equal(build?.dockerfile, "apps/api/dist/Dockerfile");
  });

  it("does without the SDK of AWS, which takes a third of a second to load", () => {
    const list =
      'require("./infra/platform.ts"); console.log(Object.keys(require.cache).join("\\n"));';
    const loaded = execFileSync(process.execPath, ["--require", "tsx/cjs", "--eval", list], {
      cwd: resolve(__dirname, "../../.."),
      encoding: "utf8",
    }).split("\n");
    const from = (name: string) => loaded.filter((file) => file.includes(`/@pulumi/${name}/`));
    assert.ok(from("kubernetes").length > 0, loaded.join());
    assert.deepEqual(from("aws"), []);
  });

  it("fails when the kubeconfig has no such context, naming those it has", () => {
    const settings = parseSettings({ context: "kind", allowedContexts: ["kind"] }, contexts);
    assert.throws(() => createPlatform(settings, contexts), {
      message:
        'no context "kind" in your kubeconfig; it has: minikube; start the cluster, ' +
        "point KUBECONFIG to its file, or set web-greetings:context",
    });
  });
});
