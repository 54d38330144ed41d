import Mocha from 'mocha';
import { isSharedPresent, skippedForShared } from './shared.ts';

/** Mocha's usual report, then a last line for people and programs: `N passed, N failed, N skipped`. */
export default class Summary extends Mocha.reporters.Spec {
  readonly #runner: Mocha.Runner;

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    this.#runner = runner;
  }

  override done(failures: number, end?: (failures: number) => void): void {
    const { passes = 0, pending = 0 } = this.#runner.stats ?? {};
    // A test that doesn't find what is there proves nothing.
    const wronglySkipped = isSharedPresent() ? skippedForShared.size : 0;
    for (const title of wronglySkipped > 0 ? skippedForShared : []) console.log(`did not find ../shared: ${title}`);
    const failed = failures + wronglySkipped;
    console.log(`${passes} passed, ${failed} failed, ${pending - wronglySkipped} skipped`);
    end?.(failed);
  }
}
