import { Agent, request } from "node:https";
import { connect } from "node:tls";
import { names as influxNames, PORT, users } from "../../../workloads/influxdb/config.ts";
import { hostOf, names, ports } from "../../../workloads/prometheus/config.ts";
import type { Stack } from "./fixture.ts";

/** What monitoring answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A number of Prometheus: its labels, when it was, and the number. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A series of InfluxDB: each of its points begins with its time in milliseconds. */
export interface Series {
  readonly values: readonly (readonly unknown[])[];
}

/** A server of monitoring: the address of its service, its port, and the name in its certificate. */
export interface Server {
  readonly address: string;
  readonly port: number;
  readonly host: string;
}

/** What somebody shows who asks: `Authorization`, and whether a certificate comes with it. */
interface Shown {
  readonly login?: string;
  readonly isOperator: boolean;
}

const PATIENCE_MS = 15_000;

const services = {
  prometheus: [names.prometheus, names.namespace, ports.prometheus],
  alertmanager: [names.alertmanager, names.namespace, ports.alertmanager],
  influxdb: [influxNames.service, influxNames.namespace, PORT],
} as const;

/** Name of a server of monitoring. */
export type ServerName = keyof typeof services;

/** Monitoring's servers as an operator on the node reaches them: by their services. */
export class MonitoringApi {
  readonly servers: Readonly<Record<ServerName, Server>>;
  /** Certificate of the authority, PEM. */
  readonly ca: string;
  readonly #certificate: { readonly cert: string; readonly key: string };
  readonly #reader: string;

  private constructor(
    servers: MonitoringApi["servers"],
    ca: string,
    certificate: { readonly cert: string; readonly key: string },
    reader: string,
  ) {
    this.servers = servers;
    this.ca = ca;
    this.#certificate = certificate;
    this.#reader = reader;
  }

  /** Takes addresses, the operator's certificate and the reader's password as they are at the moment. */
  static async open(stack: Stack): Promise<MonitoringApi> {
    const args = ["stack", "output", "operator", "--stack", "dev", "--json", "--show-secrets"];
    const { caPem, certPem, keyPem } = JSON.parse(await stack.ask("pulumi", ...args));
    const found = Object.entries(services).map(async ([name, [service, namespace, port]]) => {
      const of = ["service", service, "-n", namespace];
      const { spec } = await stack.get<{ readonly spec: { readonly clusterIP: string } }>(...of);
      return [name, { address: spec.clusterIP, port, host: hostOf(service, namespace) }] as const;
    });
    const servers = Object.fromEntries(await Promise.all(found)) as Record<ServerName, Server>;
    const secrets = ["secret", "-n", influxNames.namespace];
    const { items } = await stack.get<{
      readonly items: readonly { readonly data?: Readonly<Record<string, string>> }[];
    }>(...secrets);
    const file = items.find(({ data = {} }) => users.reader in data)?.data?.[users.reader] ?? "";
    const password = Buffer.from(file, "base64").toString("utf8");
    const certificate = { cert: certPem, key: keyPem };
    return new MonitoringApi(servers, caPem, certificate, basic(users.reader, password));
  }

  /** One request on a connection of its own; rejects when none comes about, or nothing comes back. */
  send(name: ServerName, path: string, { login, isOperator }: Shown): Promise<Answer> {
    const { address, port, host } = this.servers[name];
    const agent = new Agent({ keepAlive: false });
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const where = { agent, host: address, port, path, servername: host, signal, ca: this.ca };
    const options = {
      ...where,
      ...(isOperator ? this.#certificate : {}),
      headers: { host, ...(login === undefined ? {} : { authorization: login }) },
    };
    return new Promise((resolve, reject) => {
      const call = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
        response.on("end", () => {
          const body = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, body });
        });
      });
      call.on("error", reject).end();
    });
  }

  async #get<T>(name: ServerName, path: string, shown: Shown): Promise<T> {
    const { status, body } = await this.send(name, path, shown);
    if (status !== 200) throw new Error(`${name} ${decodeURIComponent(path)}: ${status} ${body}`);
    return JSON.parse(body) as T;
  }

  /** `data` of an answer of Prometheus' API; rejects when it fails. */
  async prometheus<T>(path: string): Promise<T> {
    const answer = await this.#get<{ readonly data: T }>("prometheus", `/api/v1/${path}`, {
      isOperator: true,
    });
    return answer.data;
  }

  /** What a query gives at the moment. */
  async query(expr: string): Promise<readonly Sample[]> {
    const path = `query?query=${encodeURIComponent(expr)}`;
    return (await this.prometheus<{ readonly result: readonly Sample[] }>(path)).result;
  }

  /** The number that a query gives, NaN where it gives none. */
  async number(expr: string): Promise<number> {
    const [sample] = await this.query(expr);
    return Number(sample?.value[1] ?? Number.NaN);
  }

  /**
   * What InfluxDB gives to who may read.
   *
   * @throws Error with what it says of a query that it does not take
   */
  async influx(query: string): Promise<readonly Series[]> {
    const shown = { login: this.#reader, isOperator: false };
    const { results } = await this.#get<{
      readonly results: readonly { readonly series?: readonly Series[]; readonly error?: string }[];
    }>("influxdb", influxPath(query), shown);
    const error = results.find((result) => result.error)?.error;
    if (error) throw new Error(`influxdb ${query}: ${error}`);
    return results.flatMap(({ series = [] }) => series);
  }
}

/** Path of a query to InfluxDB, times in milliseconds. */
export function influxPath(query: string): string {
  return `/query?db=${influxNames.database}&epoch=ms&q=${encodeURIComponent(query)}`;
}

/** A login with a password. */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** Why a server takes no connection of somebody who has no certificate. */
export function refusal(address: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    // Whoever it is: it is asked nothing.
    const options = { host: address, port, rejectUnauthorized: false, timeout: 10_000 };
    const socket = connect(options);
    socket.on("error", ({ message }) => resolve(message));
    socket.on("timeout", () => {
      socket.destroy();
      resolve("none: the connection stays open");
    });
    // It has to be read for the refusal to be heard.
    socket.on("end", () => resolve("ended without a word")).resume();
  });
}
