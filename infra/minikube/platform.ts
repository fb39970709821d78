import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config.ts";
import { AppImages, openRegistry } from "../images.ts";
import type { Contexts } from "../kubeconfig.ts";
import { nodePortOf } from "../nodePort.ts";
import type { Platform } from "../platform.ts";

/**
 * A cluster that is there already, reached by a context of the kubeconfig: minikube, kind, or any
 * other. Volumes come from its default storage class, people come in by node ports.
 *
 * @param contexts what the kubeconfig of this machine holds
 * @throws pulumi.RunError when the kubeconfig has no such context
 */
export function createMinikubePlatform(settings: Settings, contexts: Contexts): Platform {
  const server = contexts.get(settings.context);
  if (server === undefined) {
    const known = [...contexts.keys()].join(", ") || "none";
    throw new pulumi.RunError(
      `no context ${JSON.stringify(settings.context)} in your kubeconfig; it has: ${known}; ` +
        "start the cluster, point KUBECONFIG to its file, or set web-greetings:context",
    );
  }
  const images = new AppImages(openRegistry(settings.registry));
  const address = settings.nodeAddress === "auto" ? new URL(server).hostname : settings.nodeAddress;
  return {
    provider: new k8s.Provider("cluster", {
      context: settings.context,
      // The name: an address that changes with a restart must not replace every object.
      clusterIdentifier: settings.context,
    }),
    zones: ["local"],
    scale: settings.scale,
    retain: settings.retain,
    adopt: settings.adopt,
    context: settings.context,
    publiclyTrusted: false,
    storageClass: () => undefined,
    image: (app) => images.reference(app),
    openedAs: () => address,
    publish: (name, service) =>
      pulumi
        .all([nodePortOf(name, service), service.spec.ports])
        .apply(([port = "<node port>", [first]]) => `${first?.name}://${address}:${port}`),
    database: () => undefined,
  };
}
