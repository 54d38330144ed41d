/** Leaves the tests of a suite to the long run (`npm run test:long`), saying so: they wait for minutes. Before all else in it. */
export function onlyLong(): void {
  before(function () {
    if (process.env.LAZULI_TEST_LONG === '1') return;
    console.log('      skipped: it takes minutes; npm run test:long has it');
    this.skip();
  });
}
