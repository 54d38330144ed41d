/**
 * The value below which a share of the values lies, between neighbours by straight line.
 *
 * @param share from 0 to 1
 * @throws RangeError for no values
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)];
  const high = sorted[Math.ceil(position)];
  if (low === undefined || high === undefined) throw new RangeError('No values have no quantile');
  return low + (high - low) * (position - Math.floor(position));
}

/** @throws RangeError for no values */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** A number as a person wants it: three digits that matter, all digits before the point. */
export function shown(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 10 ? 1 : 2);
}
