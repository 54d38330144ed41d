import { relative } from 'node:path';
import Mocha from 'mocha';
import { isSharedPresent, skippedForShared } from './rigs/shared.ts';

const mostSlow = 25;
/** What is below this isn't worth a look. */
const slowMillis = 10_000;
/** To whoever waits for a sign of life. */
const beatMillis = 15_000;

/** A test, or a file of tests. */
interface Took {
  readonly name: string;
  readonly millis: number;
}

/** Mocha's usual report, the files and tests that took longest, then a last line for people and programs: `N passed, N failed, N skipped`. */
export default class Summary extends Mocha.reporters.Spec {
  readonly #runner: Mocha.Runner;
  readonly #slow: Took[] = [];
  readonly #files = new Map<string, number>();

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    this.#runner = runner;
    runner.on(Mocha.Runner.constants.EVENT_TEST_END, (test: Mocha.Test) => {
      this.#slow.push({ name: test.fullTitle(), millis: test.duration ?? 0 });
    });
    setInterval(() => this.#say(), beatMillis).unref();
    runner.on(Mocha.Runner.constants.EVENT_TEST_BEGIN, () => this.#say());
    let begun = 0;
    runner.on(Mocha.Runner.constants.EVENT_SUITE_BEGIN, ({ parent }: Mocha.Suite) => {
      if (parent?.root === true) begun = performance.now();
    });
    // With its hooks, which start engines.
    runner.on(Mocha.Runner.constants.EVENT_SUITE_END, ({ parent, file = '' }: Mocha.Suite) => {
      if (parent?.root !== true) return;
      const name = relative(process.cwd(), file);
      this.#files.set(name, (this.#files.get(name) ?? 0) + performance.now() - begun);
    });
  }

  #say(): void {
    process.send?.({ at: this.#runner.test?.fullTitle() ?? null });
  }

  override done(failures: number, end?: (failures: number) => void): void {
    const { passes = 0, pending = 0 } = this.#runner.stats ?? {};
    // A test that doesn't find what is there proves nothing.
    const wronglySkipped = isSharedPresent() ? skippedForShared.size : 0;
    for (const title of wronglySkipped > 0 ? skippedForShared : []) console.log(`did not find ../shared: ${title}`);
    const failed = failures + wronglySkipped;
    for (const line of slowest([...this.#files].map(([name, millis]) => ({ name, millis })))) console.log(line);
    for (const line of slowest(this.#slow)) console.log(line);
    const skipped = pending - wronglySkipped;
    console.log(`${passes} passed, ${failed} failed, ${skipped} skipped`);
    // To whoever adds up several runs.
    process.send?.([passes, failed, skipped]);
    end?.(failed);
  }
}

function slowest(all: readonly Took[]): readonly string[] {
  const slow = all.filter(({ millis }) => millis >= slowMillis).sort((a, b) => b.millis - a.millis);
  return slow.slice(0, mostSlow).map(({ name, millis }) => `${Math.round(millis / 1000)} s: ${name}`);
}
