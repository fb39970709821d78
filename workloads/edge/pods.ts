import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthority } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { checksumAnnotations } from "../kit/checksum.ts";
import { createConfigFiles } from "../kit/configFiles.ts";
import { consulAccess } from "../kit/consulAccess.ts";
import { limitDisruption } from "../kit/disruption.ts";
import { accessTo, addressOf, type Endpoint } from "../kit/endpoint.ts";
import { type Identity, labelsOf, metadataOf, selectorOf } from "../kit/labels.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { podSecurity, spread } from "../kit/pod.ts";
import { ROLLOUT } from "../kit/rollout.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { createTlsSecret } from "../kit/tlsSecret.ts";
import { files, names, paths, ports, STOP_SECONDS, servedNames, sizes } from "./config.ts";
import { agentContainer, nginxContainer, sharedVolumes, watchContainer } from "./containers.ts";
import { renderFirst, renderTemplate } from "./nginx.ts";
import { renderWatchSettings } from "./scripts.ts";

/** What the edge's pods are made of. */
export interface PodsArgs {
  readonly identity: Identity;
  readonly platform: Platform;
  readonly authority: CertificateAuthority;
  readonly namespace: pulumi.Input<string>;
  readonly consul: Endpoint;
  readonly upstream: Endpoint;
  readonly replicas: number;
  /** Names and addresses of the certificate, besides the service's. */
  readonly hosts: readonly string[];
}

/** Deployment, disruption budget, policy, configuration and certificate. */
export function createPods(
  name: string,
  args: PodsArgs,
  parent: pulumi.Resource,
): k8s.apps.v1.Deployment {
  const { identity, namespace, replicas } = args;
  const uses = [args.consul, args.upstream];
  const connected = allowConnections(
    name,
    {
      identity,
      namespace,
      purpose:
        "The edge takes requests from everyone, asks Consul for the API's pods and passes them on.",
      uses,
      // Consul's agents look at it through the door that is open to everyone.
      publicPorts: [ports.https],
    },
    parent,
  );
  if (replicas > 1) {
    limitDisruption(name, { identity, namespace }, parent);
  }
  const { annotations, spec } = createPodSpec(name, args, parent);
  const selector = selectorOf(identity);
  return new k8s.apps.v1.Deployment(
    name,
    {
      // Ready is who knows the API's pods: those that are there first are asked for first.
      metadata: { ...metadataOf(identity, after(connected, args.upstream)), name: names.service },
      spec: {
        replicas,
        selector: { matchLabels: { ...selector } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        progressDeadlineSeconds: 180,
        template: {
          metadata: { labels: { ...labelsOf(identity), ...accessTo(uses) }, annotations },
          spec,
        },
      },
    },
    { parent, customTimeouts: ROLLOUT },
  );
}

/** The namespace, known once the upstream answers. */
function after(namespace: pulumi.Output<string>, upstream: Endpoint): pulumi.Output<string> {
  return pulumi.all([namespace, upstream.host]).apply(([inside]) => inside);
}

/** The pod with all that it mounts, and the annotations that roll it. */
function createPodSpec(name: string, args: PodsArgs, parent: pulumi.Resource) {
  const { identity, namespace, platform } = args;
  const common = { identity, namespace };
  // Consul knows the edge by this name.
  const fixedName = names.serviceAccount;
  const serviceAccountName = createServiceAccount(name, { ...common, fixedName }, parent);
  const leaf = args.authority.issue(
    name,
    { commonName: name, ...servedNames(args.hosts) },
    { parent },
  );
  const tls = createTlsSecret(name, { ...common, leaf }, "tls", parent);
  const config = createConfigFiles(
    name,
    {
      ...common,
      files: {
        [files.first]: renderFirst(),
        [files.template]: renderTemplate(),
        [files.watch]: addressOf(args.consul).apply(renderWatchSettings),
      },
    },
    "config",
    parent,
  );
  const consul = consulAccess(args.consul, paths.tls);
  const size = sizes[platform.scale];
  const spec: k8s.types.input.core.v1.PodSpec = {
    serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurity(),
    terminationGracePeriodSeconds: STOP_SECONDS,
    topologySpreadConstraints: spread(selectorOf(identity), platform.scale),
    containers: [
      nginxContainer(size.nginx),
      watchContainer(size.watch),
      agentContainer(platform.image("edge-agent"), consul, size.agent),
    ],
    volumes: [config.volume, tls.volume, consul.volume, ...sharedVolumes],
  };
  const annotations = checksumAnnotations({
    config: config.checksum,
    certificate: tls.checksum,
  });
  return { annotations, spec };
}
