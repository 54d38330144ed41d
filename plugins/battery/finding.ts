/** Something that a plug-in does otherwise than its contract says. */
export interface Finding {
  /** what was tried, for people */
  readonly where: string;
  readonly what: string;
  readonly remedy: string;
}

/** What a try gave: a value, or what it threw. */
export type Outcome<T> = { readonly value: T } | { readonly thrown: unknown };

/** Waits for a try, whatever becomes of it. */
export async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (thrown) {
    return { thrown };
  }
}

/** The message of what was thrown, bounded. */
export const told = (thrown: unknown): string => String(thrown).slice(0, 200);
