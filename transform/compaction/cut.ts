/**
 * A moment, in milliseconds since the epoch: batches of what was staged by then aren't put together with later ones, as a
 * run is about to replace the former alone. Null: there is none; unknown: there will be one, so nothing is put together.
 */
export type Cut = number | null | 'unknown';

/** Batches that may be put together, in groups. */
export function apart<T extends { readonly staged: number }>(
  batches: readonly T[],
  cut: Exclude<Cut, 'unknown'>,
): readonly (readonly T[])[] {
  if (cut === null) return [batches];
  return [batches.filter(({ staged }) => staged <= cut), batches.filter(({ staged }) => staged > cut)];
}
