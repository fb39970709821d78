import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import {
  type IdentityFiles,
  identityFiles,
  makeCertificates,
} from "../../../sandbox/certificates.ts";
import { createRun } from "../../../sandbox/run.ts";

/** An object as the fake serves it. */
export interface FakeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** An API server with one collection, whose watches the test writes by hand. */
export interface FakeApi {
  readonly url: string;
  /** Who may ask it. */
  readonly files: IdentityFiles;
  /** What a list answers with; without a version it is refused. */
  list: { version: string | undefined; items: readonly FakeObject[] };
  /** Query strings of all requests; empty for lists. */
  readonly asked: string[];
  /** The watches that are open, the latest last. */
  readonly watches: ServerResponse[];
  close(): void;
}

/** Starts it on loopback, with certificates on both sides, made below `folder`. */
export async function startFakeApi(folder: string): Promise<FakeApi> {
  await makeCertificates(folder, createRun());
  const serving = identityFiles(folder, "etcd");
  const asked: string[] = [];
  const watches: ServerResponse[] = [];
  const server: Server = createServer(
    {
      ca: readFileSync(serving.authority),
      cert: readFileSync(serving.certificate),
      key: readFileSync(serving.key),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, answer) => {
      const query = new URL(request.url ?? "", api.url).search;
      asked.push(query);
      if (query !== "") {
        watches.push(answer);
        answer.on("close", () => watches.splice(watches.indexOf(answer), 1));
        answer.writeHead(200).flushHeaders();
      } else if (api.list.version === undefined) {
        answer.writeHead(403).end("you may not");
      } else {
        const metadata = { resourceVersion: api.list.version };
        answer.end(JSON.stringify({ metadata, items: api.list.items }));
      }
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const api: FakeApi = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files: identityFiles(folder, "etcd-client"),
    list: { version: "1", items: [] },
    asked,
    watches,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return api;
}
