import { setTimeout as pause } from "node:timers/promises";
import {
  type Assignment,
  describeError,
  errorId,
  type FetchedPartition,
  type FetchLimits,
  type GroupLink,
} from "../../shared/kafka.ts";
import type { Logger } from "../../shared/log.ts";
import { Commits } from "./commits.ts";
import { Leaders } from "./leaders.ts";
import { cutIntoPieces } from "./pieces.ts";
import { type Printer, renderLines } from "./printer.ts";

/** What a consumption needs. */
export interface ConsumptionOptions {
  readonly topic: string;
  readonly limits: FetchLimits;
  /** Bytes of texts printed in one piece; what a rebalance may have to repeat. */
  readonly pieceBytes: number;
  /** Pause after a failed fetch, and how old the list of leaders may get; milliseconds. */
  readonly retryMs: number;
  readonly metadataMs: number;
}

/** What a consumption reports on. */
export interface ConsumptionObserver {
  /** `count` messages of a partition were printed, up to `offset`; `lag` are still to come. */
  printed(partition: number, count: number, lag: number): void;
  committed(): void;
  /** The loop has come round: it is not stuck. */
  turned(): void;
}

const OFFSET_OUT_OF_RANGE = 1;

/** A partition that is ours; another object after it was given up and taken again. */
interface Owned {
  readonly partition: number;
  /** Next offset to fetch; all before it is printed. */
  next: number;
}

/**
 * One membership of the group, from joining to leaving: fetches from every leader at once, prints,
 * and only then commits. One commit is in flight at a time and covers all that was printed
 * meanwhile. Between two generations nothing is taken up; what is kept across them goes on where it
 * was, what is given up was committed before, and what was committed by none is read again.
 */
export class Consumption {
  readonly #link: GroupLink;
  readonly #printer: Printer;
  readonly #options: ConsumptionOptions;
  readonly #observer: ConsumptionObserver;
  readonly #log: Logger;
  #generation = -1;
  #holding = true;
  readonly #stopped = new AbortController();
  readonly #owned = new Map<number, Owned>();
  readonly #commits: Commits;
  readonly #leaders: Leaders;
  readonly #loops = new Map<number, Promise<void>>();
  #fail: (error: unknown) => void = () => {};

  constructor(
    link: GroupLink,
    printer: Printer,
    options: ConsumptionOptions,
    observer: ConsumptionObserver,
    log: Logger,
  ) {
    this.#link = link;
    this.#printer = printer;
    this.#options = options;
    this.#observer = observer;
    this.#log = log;
    this.#leaders = new Leaders(link, log);
    this.#commits = new Commits(link, options.retryMs, () => observer.committed(), log);
  }

  /** True while this member takes part in the group. */
  get active(): boolean {
    return !this.#holding;
  }

  /** Consumes until `stop`. Rejects when the membership or the output is lost. */
  async run(): Promise<void> {
    const lost = new Promise<never>((_resolve, reject) => {
      this.#fail = reject;
    });
    try {
      await Promise.race([lost, this.#consume()]);
    } finally {
      this.#holding = true;
      this.stop();
    }
  }

  /** Ends `run` when what is in hand is printed and committed. */
  stop(): void {
    this.#stopped.abort();
  }

  async #consume(): Promise<void> {
    await this.#link.join({
      rebalancing: () => this.#hold(),
      assigned: (assignment) => {
        this.#take(assignment).catch(this.#fail);
      },
      lost: (error) => this.#fail(error),
    });
    while (!this.#stopping) {
      this.#observer.turned();
      await this.#leaders.refresh();
      this.#startLoops();
      await this.#sleep(this.#options.metadataMs);
    }
    await Promise.all(this.#loops.values());
    await this.#commits.finish();
  }

  /** The group is being divided anew: commits what is printed before this member joins again. */
  #hold(): void {
    if (!this.#holding) {
      this.#holding = true;
      this.#commits.pause();
    }
  }

  async #take({ generation, partitions }: Assignment): Promise<void> {
    // Nobody else can have had a partition that stayed ours from one generation to the next.
    const kept = generation === this.#generation + 1 ? new Set(partitions) : new Set<number>();
    this.#generation = generation;
    this.#commits.keep(kept);
    for (const partition of this.#owned.keys()) {
      if (!kept.has(partition)) {
        this.#owned.delete(partition);
      }
    }
    const gained = partitions.filter((partition) => !this.#owned.has(partition));
    const starts = await this.#link.startOffsets(gained);
    if (generation !== this.#generation) {
      return;
    }
    for (const [partition, next] of starts) {
      this.#owned.set(partition, { partition, next });
    }
    this.#log.info({ generation, partitions }, "partitions assigned");
    this.#holding = false;
    this.#startLoops();
    this.#commits.resume(generation, partitions);
  }

  #startLoops(): void {
    if (this.#holding || this.#stopping) {
      return;
    }
    const leaders = new Set(
      [...this.#owned.keys()].map((partition) => this.#leaders.of(partition)),
    );
    for (const leader of leaders) {
      if (leader !== undefined && !this.#loops.has(leader)) {
        const loop = this.#follow(leader).finally(() => this.#loops.delete(leader));
        this.#loops.set(leader, loop);
        loop.catch(this.#fail);
      }
    }
  }

  /** Fetches from one leader and prints, as long as partitions of ours are led by it. */
  async #follow(leader: number): Promise<void> {
    while (!this.#stopping && !this.#holding) {
      const mine = [...this.#owned.values()].filter(
        (o) => this.#leaders.of(o.partition) === leader,
      );
      if (mine.length === 0) {
        return;
      }
      this.#observer.turned();
      if (!(await this.#turn(leader, mine))) {
        await this.#sleep(this.#options.retryMs);
        await this.#leaders.refresh();
        this.#startLoops();
      }
    }
  }

  /** One fetch; false when something has to be tried again after a pause. */
  async #turn(leader: number, mine: readonly Owned[]): Promise<boolean> {
    const positions = mine.map(({ partition, next }) => ({ partition, offset: next }));
    let fetched: readonly FetchedPartition[];
    try {
      fetched = await this.#link.fetch(leader, positions, this.#options.limits);
    } catch (error) {
      this.#log.warn({ leader, reason: describeError(error) }, "fetch failed");
      return false;
    }
    let good = true;
    for (const part of fetched) {
      const owned = mine.find(({ partition }) => partition === part.partition);
      if (owned && part.code === 0) {
        await this.#print(owned, part);
      } else if (owned) {
        this.#log.warn({ ...owned, error: errorId(part.code) }, "partition was not fetched");
        good = false;
        if (part.code === OFFSET_OUT_OF_RANGE) {
          owned.next = await this.#link.earliest(owned.partition);
        }
      }
    }
    return good;
  }

  async #print(owned: Owned, part: FetchedPartition): Promise<void> {
    const { pieces, end } = cutIntoPieces(part.records, owned.next, this.#options.pieceBytes);
    for (const piece of pieces) {
      if (this.#holding || this.#stopping || !this.#isOurs(owned)) {
        return;
      }
      await this.#printer.print(renderLines(this.#options.topic, owned.partition, piece));
      owned.next = (piece.at(-1)?.offset ?? owned.next) + 1;
      this.#observer.printed(owned.partition, piece.length, part.highWatermark - owned.next);
      if (this.#isOurs(owned)) {
        this.#commits.note(owned.partition, owned.next);
      }
    }
    owned.next = end;
  }

  /** False for a partition that was given up, and for one that was given up and taken again. */
  #isOurs(owned: Owned): boolean {
    return this.#owned.get(owned.partition) === owned;
  }

  get #stopping(): boolean {
    return this.#stopped.signal.aborted;
  }

  /** Waits `ms`, or until `stop`. */
  async #sleep(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
  }
}
