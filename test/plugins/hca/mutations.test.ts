import fc from 'fast-check';
import { LazuliError } from '../../../config/errors.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';
import type { Bundle, Column, Json } from '../../../plugins/metadata.ts';
import { documentsTable, type NormalizedBundle } from '../../../plugins/normalized.ts';
import { numRuns, seed } from '../../property.ts';
import { needsShared, sampleBundles } from './shared.ts';

type Node = Record<string | number, Json>;

/** One change: which member of the bundle, counted through, and what becomes of it. */
interface Mutation {
  readonly at: number;
  readonly kind: 'drop' | 'retype' | 'duplicate' | 'rename' | 'relink';
  readonly value: Json;
  readonly other: number;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('drop', 'retype', 'duplicate', 'rename', 'relink'),
  value: fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('', '||', '\ud800', '1-2-3', -1, 1e308),
  ) as fc.Arbitrary<Json>,
  other: fc.nat(),
});

interface Place {
  readonly parent: Node;
  readonly key: string | number;
}

/** Every member of every object and list, outermost first. */
function places(root: Json): Place[] {
  const found: Place[] = [];
  const waiting: Json[] = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    for (const key of Object.keys(next)) {
      found.push({ parent: next as Node, key });
      waiting.push((next as Node)[key] as Json);
    }
  }
  return found;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;

function mutate(contents: Json, { at, kind, value, other }: Mutation): void {
  const all = places(contents);
  const ids = all.filter(({ parent, key }) => typeof parent[key] === 'string' && uuid.test(parent[key]));
  const { parent, key } = (kind === 'relink' ? ids : all)[at % (kind === 'relink' ? ids : all).length] as Place;
  const elsewhere = ids[other % ids.length] as Place;
  const old = parent[key] as Json;
  if (kind === 'retype') parent[key] = value;
  else if (kind === 'relink') parent[key] = elsewhere.parent[elsewhere.key] as Json;
  else if (kind === 'duplicate') add(parent, `${key}${other}`, old);
  else {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
    if (kind === 'rename') add(parent, `x${key}`, old);
  }
}

function add(parent: Node, key: string, value: Json): void {
  if (Array.isArray(parent)) parent.push(value);
  else parent[key] = value;
}

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

describe('Mutated sample bundles', () => {
  const samples: Bundle[] = [];
  before(function () {
    needsShared(this);
    for (const bundle of sampleBundles()) if (JSON.stringify(bundle.contents).length < 70_000) samples.push(bundle);
  });

  it('are normalized to rows that fit their declarations, or refused with place and remedy', function () {
    this.timeout(600_000);
    fc.assert(
      fc.property(fc.nat(), fc.array(mutation, { minLength: 1, maxLength: 3 }), (pick, mutations) => {
        const sample = samples[pick % samples.length] as Bundle;
        const contents = JSON.parse(JSON.stringify(sample.contents)) as Json;
        for (const one of mutations) mutate(contents, one);
        try {
          const wrong = problem(hca.normalize({ ...sample, contents }));
          if (wrong !== undefined) throw new Error(wrong);
        } catch (error) {
          if (!(error instanceof LazuliError)) throw error;
          if (error.code !== 'bundle_invalid' || !error.place.entity || !error.remedy) throw error;
        }
      }),
      { numRuns: numRuns(10_000), seed: seed() },
    );
  });
});
