import fc from 'fast-check';
import type { Json } from '../../core/model/metadata.ts';
import type { Mutation } from '../../plugins/battery/mutation.ts';
import { anyTextOrHalf } from '../rigs/texts.ts';

/** Any change; values are of other types, empty, malformed or huge. */
export const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('drop', 'retype', 'duplicate', 'rename', 'relink'),
  value: fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    anyTextOrHalf(),
    fc.constantFrom('', '||', '\ud800', '1-2-3', -1, 1e308),
  ) as fc.Arbitrary<Json>,
  other: fc.nat(),
});
