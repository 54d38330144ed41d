/**
 * Order of strings by Unicode code point, null last: the order of all lists of scalars in documents
 * (specification, indexing 7.6 and 15). UTF-16 order differs where surrogates meet U+E000 to U+FFFF.
 */
export function byCodePoint(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Puts surrogates, which stand for higher code points, after all other code units. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** The distinct values, ascending, null last. */
export function distinctSorted<T extends string | null>(values: readonly T[]): T[] {
  return values.length < 2 ? [...values] : [...new Set(values)].sort(byCodePoint);
}
