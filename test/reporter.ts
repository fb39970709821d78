import { reporters } from "mocha";

/**
 * Mocha's own report, closed by one line that other programs can read:
 * `N passed, N failed, N skipped`.
 */
class ClosingLine extends reporters.Spec {
  override epilogue(): void {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
  }
}

// Mocha takes what the module is, not what it names.
module.exports = ClosingLine;
