/** Size of property tests: a fortieth of the full size, or all of it when LAZULI_TEST_LONG is 1. With a fraction fast-check would never end. */
export function numRuns(full: number): number {
  return Math.ceil(process.env.LAZULI_TEST_LONG === '1' ? full : full / 40);
}

/** The seed of a random test: LAZULI_SEED, or a new one; printed, so that a failure can be repeated. */
export function seed(): number {
  const chosen = Number(process.env.LAZULI_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`      seed ${chosen} (repeat with LAZULI_SEED=${chosen})`);
  return chosen;
}
