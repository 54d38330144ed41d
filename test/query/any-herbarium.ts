import * as fc from 'fast-check';
import type { Document, Json } from '../../core/model/metadata.ts';
import { expedition, sheet } from '../rigs/models/herbarium.ts';
import { anyText } from '../rigs/texts.ts';

/** By entity type. */
export type Documents = Readonly<Record<string, readonly Document[]>>;

const long = [256, 257, 8191, 10_923, 32_766, 32_767, 40_000].flatMap((bytes) =>
  ['x', 'é', '\u{1F600}'].map(
    (one) => one.repeat(bytes / Buffer.byteLength(one)) + 'y'.repeat(bytes % Buffer.byteLength(one)),
  ),
);
const word = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('a', 'B', 'b', 'é', '\u{1F600}', '~', 'null', '') },
  { weight: 1, arbitrary: fc.constantFrom(...long) },
  { weight: 2, arbitrary: anyText() },
);
const orNull = <T extends Json>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 3 });
const listOf = <T extends Json>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 3 });
const age = fc.record({ value: fc.constantFrom('3', '10', '3-4'), unit: orNull(fc.constantFrom('year', 'month')) });
const range = fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 20 })).map(([a, b]) => (a < b ? [a, b] : [b, a]));
const objectOf = (first: string, second: string) => fc.record({ [first]: orNull(word), [second]: orNull(word) });
const moment = fc.constantFrom(
  '2020-01-01T00:00:00.000000Z',
  '2020-01-01T00:00:00.000001Z',
  '1999-12-31T23:59:59.999999Z',
);

/** Whatever a sheet can hold; what a field doesn't get isn't there. */
const anySheet = fc.record(
  {
    title: orNull(word),
    bytes: orNull(fc.integer({ min: -2, max: 12 })),
    weight: orNull(fc.constantFrom(0, 0.5, 10, 9, -1)),
    pressed: orNull(fc.boolean()),
    collected: orNull(moment),
    age: listOf(orNull(age)),
    altitude: listOf(range),
    habitats: listOf(orNull(word)),
    numbers: listOf(objectOf('register', 'number')),
    maps: listOf(objectOf('atlas', 'page')),
  },
  { requiredKeys: [] },
);

/** Sheets with whatever they can hold, and expeditions. */
export function herbariumDocuments(at: number): Documents {
  const sheets = fc.sample(anySheet, { numRuns: 40, seed: at }) as Readonly<Record<string, Json>>[];
  return {
    sheets: sheets.map((inner, i) => ({ ...sheet(i + 1, inner), sheet_count: (i * 7) % 5 })),
    expeditions: sheets
      .slice(0, 15)
      .map(({ title }, i) => expedition(i + 101, title === undefined ? {} : { country: title })),
    drawers: [],
  };
}
