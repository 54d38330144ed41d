import Mocha from 'mocha';
import { isSharedPresent, skippedForShared } from './rigs/shared.ts';

const mostSlow = 15;
/** Tests below this aren't worth a look. */
const slowMillis = 10_000;

/** Mocha's usual report, the tests that took longest, then a last line for people and programs: `N passed, N failed, N skipped`. */
export default class Summary extends Mocha.reporters.Spec {
  readonly #runner: Mocha.Runner;
  readonly #slow: Mocha.Test[] = [];

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    this.#runner = runner;
    runner.on(Mocha.Runner.constants.EVENT_TEST_END, (test: Mocha.Test) => {
      if ((test.duration ?? 0) >= slowMillis) this.#slow.push(test);
    });
  }

  override done(failures: number, end?: (failures: number) => void): void {
    const { passes = 0, pending = 0 } = this.#runner.stats ?? {};
    // A test that doesn't find what is there proves nothing.
    const wronglySkipped = isSharedPresent() ? skippedForShared.size : 0;
    for (const title of wronglySkipped > 0 ? skippedForShared : []) console.log(`did not find ../shared: ${title}`);
    const failed = failures + wronglySkipped;
    for (const line of slowest(this.#slow)) console.log(line);
    const skipped = pending - wronglySkipped;
    console.log(`${passes} passed, ${failed} failed, ${skipped} skipped`);
    // To whoever adds up several runs.
    process.send?.([passes, failed, skipped]);
    end?.(failed);
  }
}

function slowest(tests: readonly Mocha.Test[]): readonly string[] {
  const sorted = tests.toSorted((a, b) => (b.duration ?? 0) - (a.duration ?? 0)).slice(0, mostSlow);
  return sorted.map((test) => `${Math.round((test.duration ?? 0) / 1000)} s: ${test.fullTitle()}`);
}
