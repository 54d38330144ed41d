import fc from 'fast-check';
import { LazuliError } from '../../../core/config/errors.ts';
import type { Bundle } from '../../../core/model/bundle.ts';
import type { Column, Json } from '../../../core/model/metadata.ts';
import { documentsTable, type NormalizedBundle } from '../../../core/model/normalized.ts';
import { mutate } from '../../../plugins/battery/mutation.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { mutation } from '../mutations.ts';
import { smallBundles } from './small-bundles.ts';

/** What a value of a column may be, absent values aside. */
function fits(value: unknown, column: Column): boolean {
  if (column.list) return Array.isArray(value) && value.every((one) => one === null || fitsOne(one, column.type));
  return value === null || fitsOne(value, column.type);
}

function fitsOne(value: unknown, type: Column['type']): boolean {
  switch (type) {
    case 'string':
    case 'quantity':
      return typeof value === 'string' && value.isWellFormed();
    case 'datetime':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value);
    case 'int':
      return Number.isSafeInteger(value);
    case 'float':
      return Number.isFinite(value);
    case 'bool':
      return typeof value === 'boolean';
    case 'range':
      return Array.isArray(value) && value.length === 2 && value.every((one) => one === null || Number.isFinite(one));
    case 'counts':
      return Object.values(value as object).every((one) => Number.isSafeInteger(one) && one > 0);
    case 'object':
      return typeof value === 'object';
  }
}

function problem({ rows, sets, entities }: NormalizedBundle): string | undefined {
  for (const { table, values } of rows) {
    if (table === documentsTable) continue;
    const { columns } = hca.tables[table] as (typeof hca.tables)[string];
    for (const [name, column] of Object.entries(columns)) {
      const value = values[name];
      if (value === undefined ? !column.optional : !fits(value, column))
        return `${table}.${name}: ${JSON.stringify(value)}`;
    }
  }
  const dangling = sets.some((set) => set.length === 0 || set.some((row) => rows[row] === undefined));
  const unknown = entities.some((entity) => Object.values(entity.sets).some((set) => set > sets.length));
  return dangling || unknown ? 'a set or a row that does not exist' : undefined;
}

/** A bundle of this size takes milliseconds; anything near this is on its way to forever. */
const maxMillis = 20_000;

describe('Mutated bundles', () => {
  it('are normalized to rows that fit their declarations, or refused with place and remedy', function () {
    this.timeout(1_800_000);
    const samples = smallBundles();
    fc.assert(
      fc.property(fc.nat(), fc.array(mutation, { minLength: 1, maxLength: 3 }), (pick, mutations) => {
        const sample = samples[pick % samples.length] as Bundle;
        const contents = JSON.parse(JSON.stringify(sample.contents)) as Json;
        for (const one of mutations) mutate(contents, one);
        const started = performance.now();
        try {
          const wrong = problem(hca.normalize({ ...sample, contents }));
          if (wrong !== undefined) throw new Error(wrong);
        } catch (error) {
          if (!(error instanceof LazuliError)) throw error;
          if (error.code !== 'bundle_invalid' || !error.place.entity || !error.remedy) throw error;
        }
        if (performance.now() - started > maxMillis) throw new Error(`It took longer than ${maxMillis} ms`);
      }),
      { numRuns: numRuns(10_000), seed: seed() },
    );
  });
});
