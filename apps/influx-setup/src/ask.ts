import { request } from "node:https";

/** Who asks. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Rows of an answer, each by the names of its columns. */
export type Rows = readonly Readonly<Record<string, unknown>>[];

/** One statement of InfluxQL; without a login it is asked by nobody. */
export type Ask = (statement: string, login?: Login) => Promise<Rows>;

/** What InfluxDB refuses; `message` is its reason, which holds no password. */
export class Refusal extends Error {
  /** HTTP status: 200 where the reason was in the answer. */
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

/** Where InfluxDB is. */
export interface Server {
  readonly host: string;
  readonly port: number;
  /** Certificate of the authority that signed it, PEM. */
  readonly ca: string;
}

const DEADLINE_MS = 30_000;

interface Answer {
  readonly error?: string;
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly name?: string;
      readonly columns: readonly string[];
      readonly values?: readonly (readonly unknown[])[];
    }[];
  }[];
}

/** Asks a server over TLS. Rejects with `Refusal`, or with what kept it from being asked. */
export function askAt(server: Server): Ask {
  return async (statement, login) => {
    const { status, body } = await post(server, new URLSearchParams({ q: statement }), login);
    const answer = parse(status, body);
    const reason = answer.error ?? answer.results?.find(({ error }) => error !== undefined)?.error;
    if (reason !== undefined || status !== 200) throw new Refusal(status, reason ?? body.trim());
    return (answer.results ?? [])
      .flatMap(({ series = [] }) => series)
      .flatMap(({ name, columns, values = [] }) =>
        values.map((row) => ({
          // Of continuous queries the database is said nowhere else.
          series: name,
          ...Object.fromEntries(columns.map((column, index) => [column, row[index]])),
        })),
      );
  };
}

function parse(status: number, body: string): Answer {
  try {
    return JSON.parse(body) as Answer;
  } catch {
    throw new Refusal(status, `no JSON: ${body.slice(0, 200)}`);
  }
}

function post(
  { host, port, ca }: Server,
  form: URLSearchParams,
  login: Login | undefined,
): Promise<{ readonly status: number; readonly body: string }> {
  const content = form.toString();
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "content-length": Buffer.byteLength(content),
  };
  const auth = login ? { auth: `${login.user}:${login.password}` } : {};
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const options = { host, port, ca, method: "POST", path: "/query", headers, signal, ...auth };
    const sent = request({ ...options, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.once("error", reject);
    });
    sent.once("error", reject);
    sent.end(content);
  });
}
