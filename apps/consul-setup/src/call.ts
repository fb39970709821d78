import type { ConsulClient, ConsulRequest } from "../../shared/consul.ts";

/**
 * One request to Consul's API as who may do everything; the answer's JSON, undefined where there is
 * none.
 *
 * @throws ConsulError naming method, path, status and Consul's reason when it is refused
 */
export type Call = (
  method: ConsulRequest["method"],
  path: string,
  body?: object,
) => Promise<unknown>;

/** Changes go through the leader, and may wait for a majority. */
const DEADLINE_MS = 10_000;

/** Requests by a client under one token. */
export function callAs(client: Pick<ConsulClient, "send">, token: string): Call {
  return async (method, path, body) => {
    const answer = await client.send({ method, path, token, body, deadlineMs: DEADLINE_MS });
    return answer.body === "" ? undefined : (JSON.parse(answer.body) as unknown);
  };
}
