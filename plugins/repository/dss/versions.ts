/** Year to second, and microseconds: with colons (`2018-10-18T15:04:31.370880Z`), or without, as data stores write them. */
const pattern = /^(\d{4}-\d\d-\d\dT)(\d\d)(:?)(\d\d)\3(\d\d\.\d{6}Z)$/;

/** A version with colons, as bundles and documents have it; null for what is none. No digit is touched. */
export const withColons = (version: string): string | null => rewritten(version, ':');

/** A version as data stores have it, in both notations; null for what is none. */
export const withoutColons = (version: string): string | null => rewritten(version, '');

function rewritten(version: string, mark: string): string | null {
  const [, day, hour, , minute, second] = pattern.exec(version) ?? [];
  return day === undefined ? null : `${day}${hour}${mark}${minute}${mark}${second}`;
}
