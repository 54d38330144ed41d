/** A while in which something isn't done again. */
export interface Rest {
  /** when it began, by the clock of this process: milliseconds since the epoch */
  readonly since: number;
  readonly millis: number;
}

/** Of what was never done. */
export const rested: Rest = { since: 0, millis: 0 };

/**
 * Milliseconds that are left of a rest. None where the clock was set back to before it began: then nobody knows how long it
 * has lasted, and who waited for the time that was set once would wait for as long as the clock was wrong.
 */
export function restLeft({ since, millis }: Rest, now: number): number {
  return now < since ? 0 : Math.max(0, since + millis - now);
}

export const isRested = (rest: Rest, now: number): boolean => restLeft(rest, now) === 0;

/** The longest that anything rests for what it took: it may seem to have taken hours where a clock was set forward. */
const longestMillis = 3_600_000;

/** After something that took a while: so many times as long. */
export function restAfter(began: number, now: number, perCost: number): Rest {
  return { since: now, millis: Math.min(longestMillis, perCost * Math.max(0, now - began)) };
}
