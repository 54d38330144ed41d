import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import { apiFields } from '../../query/fields/api-fields.ts';
import { parseFilters } from '../../query/filter/parse.ts';
import { filtersSchema } from '../../query/schemas/filters.ts';
import { type Schema, valuesOf } from '../rigs/http/schema-values.ts';
import { herbarium } from '../rigs/models/herbarium.ts';
import { numRuns, seed } from '../rigs/property.ts';

const fields = apiFields(herbarium).get('sheets') ?? { byName: new Map(), facets: [], sourceId: 'sourceId' };
const schema = z.toJSONSchema(filtersSchema(fields, 'Filters')) as Schema & { $defs: Record<string, Schema> };
const allows = new Ajv2020({ strict: false }).compile(schema);
const resolve = (reference: string): Schema => schema.$defs[reference.split('/').at(-1) ?? ''] ?? {};

/** Why filters are refused; undefined where they are not. */
function refusal(filters: unknown): string | undefined {
  try {
    parseFilters(JSON.stringify(filters), fields);
    return undefined;
  } catch (error) {
    if (error instanceof LazuliError && error.code === 'bad_request') return error.message;
    throw error;
  }
}

/** What a schema can't say: the order of ends, dates that exist, numbers that are not too large, texts that can be. */
const beyond = new RegExp(
  [/\[/, /".*" is not a value of the field `collected`/, /"-?[\d.]+[eE]\+?\d{3,}"/, /"-?\d{60,}/]
    .map(({ source }) => `Invalid value for \`filters\`: ${source}`)
    .concat('has half of a surrogate pair')
    .join('|'),
  // Values may hold ends of lines.
  's',
);

const names = [...fields.byName.keys(), 'accessible', 'nosuch'];
const scalars = fc.oneof(
  fc.constantFrom(null, true, 'true', 'x', '', '1', '-1.5e3', '1.', 'a b', 0, 1.5, '2020-05-01'),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const objects = fc.dictionary(fc.constantFrom('value', 'unit', 'register', 'number', 'atlas', 'page'), scalars);
const values = fc.oneof(scalars, objects, fc.array(scalars, { maxLength: 3 }));
const entry = fc.dictionary(fc.constantFrom('is', 'within', 'contains', 'intersects', 'is_not'), fc.array(values), {
  ...{ minKeys: 1, maxKeys: 2 },
});
const wild = fc.dictionary(fc.constantFrom(...names), fc.oneof(entry, values), { maxKeys: 3 });

describe('the schema of filters', () => {
  it('allows whatever is accepted, and nothing that is refused but for what no schema says', () => {
    const either = fc.oneof(wild, valuesOf(schema, resolve));
    const seen = { accepted: 0, refused: 0, beyond: 0 };
    const property = fc.property(either, (filters) => {
      const given: unknown = JSON.parse(JSON.stringify(filters));
      const why = refusal(given);
      const allowed = allows(given);
      if (why !== undefined && allowed) expect(why).to.match(beyond);
      if (why === undefined) expect(allowed, JSON.stringify(allows.errors)).to.equal(true);
      seen[why === undefined ? 'accepted' : allowed ? 'beyond' : 'refused']++;
    });
    fc.assert(property, { numRuns: numRuns(40_000), seed: seed() });
    expect(seen.accepted).to.be.above(numRuns(40_000) / 20);
    expect(seen.refused).to.be.above(numRuns(40_000) / 20);
  });
});
