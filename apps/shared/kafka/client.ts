import { readFileSync } from "node:fs";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import {
  type Base,
  type BaseOptions,
  type Connection,
  type ConnectionPool,
  compressionsAlgorithmsByBitmask,
  protocolErrorsCodesById,
  type Reader,
  Writer,
} from "@platformatic/kafka";
import { type ClusterView, viewFrom } from "./metadata.ts";

/** Where the files of a mutual TLS connection lie, all PEM. */
export interface TlsFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** How to reach the brokers. */
export interface KafkaSettings {
  /** host:port of brokers to ask first; the others are found through them. */
  readonly brokers: readonly string[];
  /** Absent: plain text, for trials only. */
  readonly tls: TlsFiles | undefined;
  readonly clientId: string;
}

/** An error that a broker answered with: `code` is the number of Kafka's protocol, `id` its name. */
export class BrokerError extends Error {
  readonly code: number;
  readonly id: string;

  constructor(what: string, code: number) {
    const id = errorId(code);
    super(`${what}: the broker answered ${id} (${code})`);
    this.code = code;
    this.id = id;
  }
}

/** Name of an error code of Kafka's protocol, such as `NOT_LEADER_OR_FOLLOWER`. */
export function errorId(code: number): string {
  return (protocolErrorsCodesById as Record<string, string>)[code] ?? "UNKNOWN_SERVER_ERROR";
}

/** One line that says what went wrong, with the innermost causes of a wrapped error. */
export function describeError(error: unknown): string {
  const lines = new Set<string>();
  const visit = (part: unknown): void => {
    if (part instanceof AggregateError && part.errors.length > 0) {
      part.errors.forEach(visit);
    } else if (part instanceof Error && part.cause instanceof Error) {
      visit(part.cause);
    } else {
      lines.add(part instanceof Error ? part.message || part.name : String(part));
    }
  };
  visit(error);
  return [...lines].join("; ");
}

/**
 * TLS options whose files are read again for each new connection, so that a renewed certificate is
 * used without a restart: the client spreads this object when it connects, which runs the getters.
 */
function tlsOptions(files: TlsFiles): TlsOptions {
  return {
    get ca() {
      return readFileSync(files.caFile);
    },
    get cert() {
      return readFileSync(files.certFile);
    },
    get key() {
      return readFileSync(files.keyFile);
    },
    minVersion: "TLSv1.2",
  };
}

/** Options for the Kafka client; `requestTimeoutMs` bounds the wait for one response. */
export function clientOptions(settings: KafkaSettings, requestTimeoutMs: number): BaseOptions {
  return {
    clientId: settings.clientId,
    bootstrapBrokers: [...settings.brokers],
    connectTimeout: Math.min(requestTimeoutMs, 3000),
    requestTimeout: requestTimeoutMs,
    timeout: requestTimeoutMs,
    retries: 2,
    retryDelay: 200,
    metadataMaxAge: 5000,
    autocreateTopics: false,
    ...(settings.tls && { tls: tlsOptions(settings.tls) }),
  };
}

/** Plain bytes of a batch that another producer compressed. Throws on an unknown algorithm. */
export function decompress(algorithm: number, bytes: Buffer): Buffer {
  const found = compressionsAlgorithmsByBitmask[algorithm];
  if (!found) {
    throw new Error(`unknown compression ${algorithm} of a record batch, allowed: 1 to 4`);
  }
  return found.decompressSync(bytes);
}

/** Sends a request that is already encoded and hands the response's bytes to `parse`. */
export function request<T>(
  connection: Connection,
  api: { readonly key: number; readonly version: number },
  payload: Buffer,
  parse: (bytes: Buffer) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    connection.send<T>(
      api.key,
      api.version,
      () => Writer.create().append(payload),
      (_id, _key, _version, reader: Reader) =>
        parse(reader.buffer.buffer.subarray(reader.position)),
      true,
      true,
      (error, value) => (error ? reject(error) : resolve(value as T)),
    );
  });
}

/** A topic's leaders and the way to them, as last heard from the cluster. */
export class Router {
  readonly #client: Base<BaseOptions>;
  readonly #pool: ConnectionPool;
  readonly #bootstrap: readonly string[];
  readonly #topic: string;
  #view: ClusterView | undefined;

  /** Requests to leaders go over `pool`, questions about the cluster over the client's own. */
  constructor(
    client: Base<BaseOptions>,
    settings: KafkaSettings,
    topic: string,
    pool: ConnectionPool = client.connections,
  ) {
    this.#client = client;
    this.#bootstrap = settings.brokers;
    this.#topic = topic;
    this.#pool = pool;
  }

  /**
   * Node id of each partition's leader, -1 where there is none; asked anew. Throws when no broker
   * answers or the topic does not exist.
   */
  async leaders(): Promise<readonly number[]> {
    const topics = [this.#topic];
    this.#view = await viewFrom(this.#client, this.#bootstrap, this.#view, topics);
    const leaders: number[] = [];
    for (const { partition, leader } of this.#view.partitions) {
      leaders[partition] = leader;
    }
    if (leaders.length === 0) {
      throw new Error(`topic ${this.#topic} does not exist`);
    }
    return leaders;
  }

  /** A connection to broker `node`. Throws when there is no such broker, or it does not answer. */
  async connect(node: number): Promise<Connection> {
    const broker = this.#view?.brokers.get(node);
    if (!broker) {
      throw new Error(`broker ${node} is not in the metadata`);
    }
    return await this.#pool.get(broker);
  }
}
