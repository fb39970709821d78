import { type MochaOptions, type Runner, reporters } from "mocha";

/**
 * Mocha's own report, closed by one line that other programs can read:
 * `N passed, N failed, N skipped`.
 */
export class ClosingLine extends reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    runner.once("end", () => {
      // After Spec's own epilogue, which listens to the same event.
      setImmediate(() => {
        const { passes, failures, pending } = this.stats;
        console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
      });
    });
  }
}

module.exports = ClosingLine;
