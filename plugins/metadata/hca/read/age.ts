/** Seconds; null means that the range is open on that side. */
export type AgeRange = readonly [low: number, high: number | null];

const seconds: ReadonlyMap<string, number> = new Map([
  ['year', 31_536_000],
  ['month', 2_628_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
]);

const decimal = /^(?:\d+\.?\d*|\.\d+)(?:[eE]\+?\d+)?$/;

/**
 * An age such as `38`, `45-49`, `20-` or `-3` in seconds; what is wrong with it where it is none
 * (specification, plugin-hca 2.2).
 *
 * @param unit singular or plural, in any case
 */
export function ageRange(age: string, unit: string): AgeRange | { readonly problem: string } {
  const factor = seconds.get(unit.toLowerCase().trim().replace(/s$/, ''));
  if (factor === undefined)
    return { problem: `has the unit '${unit}', which is none of ${[...seconds.keys()].join(', ')}` };
  const parts = age.split('-').map((part) => part.trim());
  const [low = '', high] = parts;
  if (parts.length > 2) return { problem: `is '${age}', which is neither a number nor a range of two` };
  if (high === undefined) return bounds(age, scaled(low, factor), scaled(low, factor));
  return bounds(age, low === '' ? 0 : scaled(low, factor), high === '' ? null : scaled(high, factor));
}

function bounds(age: string, low: number | undefined, high: number | null | undefined) {
  if (low === undefined || high === undefined) return { problem: `is '${age}', which is not made of numbers` };
  return high !== null && low > high ? { problem: `is '${age}', which ends before it starts` } : ([low, high] as const);
}

function scaled(text: string, factor: number): number | undefined {
  const value = Number(text) * factor;
  return decimal.test(text) && Number.isFinite(value) ? value : undefined;
}
