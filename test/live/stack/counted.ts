import { until } from "../../until.ts";
import type { WayIn } from "./client.ts";
import type { Stack } from "./fixture.ts";
import { countsOf, type Published, publishWhile } from "./load.ts";
import { Printed } from "./printed.ts";

/** Texts a second: more would keep servers from starting, which is what is waited for. */
const RATE = 60;

/** Loads of which every acknowledged text must be printed by a Worker. */
export class CountedLoads {
  readonly way: WayIn;
  readonly printed: Printed;

  private constructor(way: WayIn, printed: Printed) {
    this.way = way;
    this.printed = printed;
  }

  /** Looks up the way in, and begins to follow the Workers. */
  static async open(stack: Stack): Promise<CountedLoads> {
    return new CountedLoads(await stack.wayIn(), new Printed(stack));
  }

  /**
   * Load while `work` goes on and until `atLeast` texts were tried; then counts what is printed,
   * and says so.
   *
   * @param retries how often a text that was not acknowledged is tried again
   */
  async during(
    run: string,
    atLeast: number,
    retries: number,
    work: () => Promise<unknown>,
  ): Promise<Published & { readonly lost: number }> {
    const { way, printed } = this;
    const load = { way, run, atLeast, connections: 16, retries, rate: RATE };
    const published = await publishWhile(load, work);
    const { acknowledged } = published;
    const missing = () => printed.missing(acknowledged);
    const all = until("every acknowledged text printed", 60, () => missing() === 0);
    await all.catch(() => undefined);
    const lost = missing();
    console.log(
      `      ${run}: lost ${lost}, printed again ${printed.duplicates(run)}, ` +
        countsOf(published),
    );
    return { ...published, lost };
  }

  /** Stops following. */
  close(): Promise<void> {
    return this.printed.close();
  }
}
