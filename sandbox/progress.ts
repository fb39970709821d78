/** A step that is under way. */
export interface Step {
  /** What it is doing now; shown with the next line about this step. */
  detail(text: string): void;
}

/** Where the sandbox says what it does. */
export interface Progress {
  /**
   * Does `work` as one step: a line when it begins, one every ten seconds while it lasts, and one
   * at its end, each with the number of the step and the time it took so far.
   */
  step<T>(what: string, work: (step: Step) => Promise<T>): Promise<T>;
  /** One line about something that is not a step. */
  say(line: string): void;
}

/** Seconds as people read them: `8 s`, `2 min 05 s`. */
export function elapsed(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** One line of progress: `step 2 of 9: kubernetes: building, 1 min 10 s`. */
function progressLine(step: number, total: number, what: string, state: string): string {
  return `step ${step} of ${total}: ${what}: ${state}`;
}

/** What `createProgress` needs from outside; injected so that tests hold the clock. */
export interface ProgressOptions {
  /** How many steps there will be. */
  readonly total: number;
  readonly write: (line: string) => void;
  /** Milliseconds on a clock that never runs backwards. */
  readonly now: () => number;
  /** Calls `tick` every ten seconds until the function it returns is called. */
  readonly every: (tick: () => void) => () => void;
}

/** The real clock and standard error: standard output is left to what was asked for. */
export function terminalProgress(total: number): ProgressOptions {
  return {
    total,
    write: (line) => process.stderr.write(`${line}\n`),
    now: () => performance.now(),
    every: (tick) => {
      const timer = setInterval(tick, 10_000);
      return () => clearInterval(timer);
    },
  };
}

/** Makes a `Progress`; steps are numbered in the order in which they begin and may overlap. */
export function createProgress({ total, write, now, every }: ProgressOptions): Progress {
  let begun = 0;
  return {
    say: write,
    async step(what, work) {
      begun += 1;
      const number = begun;
      const start = now();
      let detail = "";
      const line = (state: string): void =>
        write(progressLine(number, total, what, `${state}, ${elapsed(now() - start)}`));
      write(progressLine(number, total, what, "begins"));
      const stop = every(() => line(detail === "" ? "under way" : detail));
      try {
        const result = await work({
          detail: (text) => {
            detail = text;
          },
        });
        line("done");
        return result;
      } catch (error) {
        line("failed");
        throw error;
      } finally {
        stop();
      }
    },
  };
}
