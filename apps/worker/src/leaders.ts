import { describeError, type GroupLink } from "../../shared/kafka.ts";
import type { Logger } from "../../shared/log.ts";

/** Who leads the partitions of the group's topic, as last heard. */
export class Leaders {
  readonly #link: Pick<GroupLink, "leaders" | "rejoin">;
  readonly #log: Logger;
  #nodes: readonly number[] = [];

  constructor(link: Pick<GroupLink, "leaders" | "rejoin">, log: Logger) {
    this.#link = link;
    this.#log = log;
  }

  /** Node id of a partition's leader; undefined for none. */
  of(partition: number): number | undefined {
    const node = this.#nodes[partition] ?? -1;
    return node >= 0 ? node : undefined;
  }

  /**
   * Asks anew, and joins the group again where the topic has more partitions than before: they are
   * nobody's until then. Never rejects; without an answer all stays as it was.
   */
  async refresh(): Promise<void> {
    try {
      const nodes = await this.#link.leaders();
      const grown = this.#nodes.length > 0 && nodes.length > this.#nodes.length;
      this.#nodes = nodes;
      if (grown) {
        await this.#link.rejoin();
      }
    } catch (error) {
      this.#log.warn({ reason: describeError(error) }, "metadata request failed");
    }
  }
}
