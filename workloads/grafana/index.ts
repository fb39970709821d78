import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { CertificateAuthority } from "../../infra/pki.ts";
import type { Platform } from "../../infra/platform.ts";
import { versionOf } from "../../infra/versions.ts";
import { serveClients } from "../kit/clientService.ts";
import type { Dashboard } from "../kit/dashboard.ts";
import { accessLabelsFor, type Endpoint } from "../kit/endpoint.ts";
import { createNamespace } from "../kit/namespace.ts";
import type { WebInterface } from "../kit/webInterface.ts";
import { ADMIN, names, PORT, requireDistinct } from "./config.ts";
import { createServer, type InfluxReader } from "./server.ts";

export { overviewDashboard } from "./overview.ts";
export type { InfluxReader } from "./server.ts";

/** What Grafana needs. */
export interface GrafanaArgs {
  /** Where it runs. */
  readonly platform: Platform;
  /** Whom it is certified by, towards people and towards Prometheus. */
  readonly authority: CertificateAuthority;
  /** Whom most dashboards ask; takes Grafana's certificate. */
  readonly prometheus: Endpoint;
  /** Whom the dashboard of the hosts asks. @default there is none */
  readonly influxdb?: InfluxReader | undefined;
  /** What it shows, the first of them first; each with data sources that there are. */
  readonly dashboards: readonly Dashboard[];
  /** Version of Grafana. @default that of the version table */
  readonly version?: string;
}

/** Who may log in. */
export interface Login {
  readonly user: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;
}

/**
 * Grafana in a namespace of its own: data sources and dashboards come from the code alone, and
 * nobody gets in but by its login. A single server with a volume for what people set for themselves.
 * The volume goes with the stack on every target: with a new stack's key nothing on it could be read.
 *
 * @throws pulumi.RunError on two dashboards with the same uid
 */
export class Grafana extends pulumi.ComponentResource {
  /** Its pages, which ask people for the login. */
  readonly ui: WebInterface;
  /** Of the administrator; the password holds from the first start on, until it is changed there. */
  readonly login: Login;

  constructor(name: string, args: GrafanaArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, authority, dashboards } = args;
    requireDistinct(dashboards);
    super("web-greetings:grafana:Grafana", name, {}, { ...opts, providers: [platform.provider] });
    const version = args.version ?? versionOf("grafana");
    const identity = { name: "grafana", instance: name, component: "server", version };
    const namespace = createNamespace(names.namespace, { platform, holdsData: false }, this);
    const inCluster = `${names.service}.${names.namespace}.svc`;
    const dnsNames = [inCluster, `${inCluster}.cluster.local`];
    const accessLabels = accessLabelsFor("grafana");
    const password = randomText(`${name}-admin`, this);
    const servers = createServer(
      name,
      {
        identity,
        namespace,
        platform,
        accessLabels,
        leaf: authority.issue(name, { commonName: name, dnsNames }, { parent: this }),
        prometheus: args.prometheus,
        influxdb: args.influxdb,
        dashboards,
        password,
        key: randomText(`${name}-key`, this),
      },
      this,
    );
    const endpoint = serveClients(
      name,
      {
        identity,
        namespace,
        service: names.service,
        port: { name: "https", number: PORT },
        accessLabels,
        servers,
      },
      this,
    );
    this.ui = { endpoint, path: "/" };
    this.login = { user: ADMIN, password };
    this.registerOutputs({ host: endpoint.host, port: endpoint.port });
  }
}

/** A random text, secret, of nothing that a configuration could take for its own signs. */
function randomText(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  return new random.RandomPassword(name, { length: 32, special: false }, { parent }).result;
}
