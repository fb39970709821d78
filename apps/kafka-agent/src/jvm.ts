/** Less than the 10 s after which Prometheus gives up; a JVM that has just started takes seconds. */
const ANSWER_MS = 9000;

/**
 * The page of metrics that the broker's JVM has for its own pod alone, as it is: in the clear it goes
 * no further than the loopback. Rejects when it does not answer with 200 in nine seconds.
 */
export async function readJvm(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  const body = await answer.text();
  if (answer.status !== 200) {
    throw new Error(`GET ${url} was answered ${answer.status}, expected 200`);
  }
  return body;
}
