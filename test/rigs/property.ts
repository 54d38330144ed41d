/** Size of property tests: a fortieth of the full size, or all of it when LAZULI_TEST_LONG is 1. With a fraction fast-check would never end. */
export function numRuns(full: number): number {
  return Math.ceil(isLong() ? full : full / 40);
}

/** Whether tests have their full size. */
export const isLong = (): boolean => process.env.LAZULI_TEST_LONG === '1';

/** Minutes that each test may take which goes on for as long as it may: LAZULI_TEST_MINUTES, or an hour. */
export function longMinutes(): number {
  const minutes = Number(process.env.LAZULI_TEST_MINUTES ?? 60);
  if (Number.isFinite(minutes) && minutes > 0) return minutes;
  throw new Error(`LAZULI_TEST_MINUTES is a number of minutes, not “${process.env.LAZULI_TEST_MINUTES}”.`);
}

/** The seed of a random test: LAZULI_SEED, or a new one; printed, so that a failure can be repeated. */
export function seed(): number {
  const chosen = Number(process.env.LAZULI_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`      seed ${chosen} (repeat with LAZULI_SEED=${chosen})`);
  return chosen;
}
