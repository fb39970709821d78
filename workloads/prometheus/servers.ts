import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthority } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { createConfigFiles } from "../kit/configFiles.ts";
import { consulAccess } from "../kit/consulAccess.ts";
import { accessTo, type Endpoint } from "../kit/endpoint.ts";
import type { Identity, Labels } from "../kit/labels.ts";
import { admitToMetrics } from "../kit/metrics.ts";
import type { ScrapeTarget } from "../kit/monitor.ts";
import { allowConnections } from "../kit/networkPolicy.ts";
import { createServiceAccount } from "../kit/serviceAccount.ts";
import { createStatefulService } from "../kit/statefulService.ts";
import { createTlsSecret } from "../kit/tlsSecret.ts";
import { dnsNames, KUBELET_PORT, names, paths, ports, renderClient, renderWeb } from "./config.ts";
import {
  consulTokenVolume,
  loginContainer,
  prometheusContainer,
  type Retention,
} from "./containers.ts";
import { podJobOf } from "./jobs.ts";
import { files, renderPrometheus } from "./prometheusConfig.ts";
import { grantDiscovery } from "./rbac.ts";
import { renderRules, type Watched } from "./rules.ts";
import { sizes } from "./sizes.ts";
import { tokenVolume } from "./token.ts";

/** A target, and what besides it the job depends on. */
export interface Asked {
  readonly target: ScrapeTarget;
  /** True: what the pods tell is of others. @default false */
  readonly ofOthers?: boolean;
}

/** What the Prometheus servers are made of. */
export interface ServersArgs {
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  readonly platform: Platform;
  readonly authority: CertificateAuthority;
  /** Labels of the pods that may ask. */
  readonly accessLabels: Labels;
  readonly consul: Endpoint;
  readonly alertmanager: Endpoint;
  /** Pods that are asked. */
  readonly asked: readonly Asked[];
  readonly watched: readonly Watched[];
  /** Ends of certificates by their names, RFC 3339. */
  readonly certificates: pulumi.Output<Record<string, string>>;
  readonly retention: Retention;
}

/** Seconds to stop in: what is in memory is in the log already. */
const STOP_SECONDS = 60;

/** The servers with their configuration, rights and policy. */
export function createServers(
  name: string,
  args: ServersArgs,
  parent: pulumi.Resource,
): k8s.apps.v1.StatefulSet {
  const { identity, namespace, platform, consul } = args;
  const common = { identity, namespace };
  const targets = args.asked.map(({ target }) => target);
  const uses = [consul, args.alertmanager, ...targets.map(({ endpoint }) => endpoint)];
  const connected = connect(name, args, uses, parent);
  const purpose = "Prometheus asks these pods for their metrics.";
  admitToMetrics(name, targets, { identity, purpose }, parent);
  const leaf = args.authority.issue(
    name,
    { commonName: name, dnsNames: dnsNames(names.prometheus) },
    { parent },
  );
  const tls = createTlsSecret(name, { ...common, leaf }, "tls", parent);
  const config = createConfig(name, args, parent);
  // Consul knows Prometheus by this name.
  const fixedName = names.serviceAccount;
  const account = createServiceAccount(name, { ...common, fixedName }, parent);
  const access = consulAccess(consul, paths.tls);
  const size = sizes[platform.scale];
  return createStatefulService(
    name,
    {
      identity,
      namespace: connected,
      platform,
      serviceAccount: grantDiscovery(name, { ...common, account }, targets, parent),
      replicas: size.prometheus,
      podName: names.prometheus,
      serversName: names.prometheusServers,
      ports: { https: ports.prometheus },
      podLabels: accessTo(uses),
      checksums: { config: config.checksum, certificate: tls.checksum },
      initContainers: [],
      containers: [
        prometheusContainer(identity.version, args.retention, size.containers.prometheus),
        loginContainer(platform.image("consul-login"), access, size.containers.login),
      ],
      volumes: [config.volume, tls.volume, tokenVolume, access.volume, consulTokenVolume],
      data: { volume: "data", sizeGiB: size.dataGiB },
      stopSeconds: STOP_SECONDS,
    },
    parent,
  );
}

/** The servers' network policy; the namespace for their pods. */
function connect(
  name: string,
  { identity, namespace, accessLabels }: ServersArgs,
  uses: readonly Endpoint[],
  parent: pulumi.Resource,
): pulumi.Output<string> {
  return allowConnections(
    name,
    {
      identity,
      namespace,
      purpose:
        "Prometheus asks all that it was handed for metrics, and Kubernetes where that is; it " +
        "tells Alertmanager what is wrong.",
      serves: { ports: [ports.prometheus], accessLabels },
      uses,
      usesKubernetes: true,
      usesMachines: [KUBELET_PORT],
    },
    parent,
  );
}

function createConfig(name: string, args: ServersArgs, parent: pulumi.Resource) {
  const { identity, namespace, watched } = args;
  const jobs = args.asked.map(({ target, ...more }) => podJobOf(target, more));
  const rules = args.certificates.apply((certificates) => renderRules({ watched, certificates }));
  const rendered = {
    [files.prometheus]: pulumi.all(jobs).apply(renderPrometheus),
    [files.rules]: rules,
    [files.web]: renderWeb(),
    [files.client]: renderClient(),
  };
  return createConfigFiles(name, { identity, namespace, files: rendered }, "config", parent);
}
