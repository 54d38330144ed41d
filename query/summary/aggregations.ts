import { all, everything, type Filter } from '../../core/documents/filter.ts';
import { fieldCalled } from '../../core/model/computed.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { type Measure, measuresOf, type NonZero, sumsOf } from '../../core/model/summary.ts';
import type { IndexedEntity } from '../catalogs.ts';
import { holdsNull, type Query, toQuery } from '../filter/opensearch.ts';

/** The measures over the documents of one entity type. */
export interface MeasuredType {
  readonly entityType: string;
  readonly measures: readonly Measure[];
}

/** Below it, numbers of different values are exact. The engine goes no further. */
const exactValues = 40_000;
/** Values that a list of a summary has at most. */
const maxTerms = 5_000;

/** Names of the aggregations for the measure of that number. */
export const amountOf = (number: number): string => `value:${number}`;
export const nullOf = (number: number): string => `null:${number}`;
export const sumOf = (field: string): string => `sum:${field}`;
export const inner = 'inner';

/** What the summary of a catalog counts, by entity type. */
export function measuredTypes(plugin: MetadataPlugin): readonly MeasuredType[] {
  const byType = Map.groupBy(measuresOf(plugin.summary ?? null), ({ of }) => of);
  return [...byType].map(([entityType, measures]) => ({ entityType, measures }));
}

/** What to ask the search engine for. The plug-in's declarations have been checked. */
export function measuring({ measures }: MeasuredType, entity: IndexedEntity): Readonly<Record<string, Query>> {
  const path = (field: string): string => pathOf(entity, field);
  return Object.fromEntries(measures.flatMap((measure, number) => aggregationsOf(measure, number, path)));
}

type PathOf = (field: string) => string;

function aggregationsOf(measure: Measure, number: number, path: PathOf): readonly (readonly [string, Query])[] {
  if (measure.measure === 'documents') return [];
  const field = path(measure.field);
  switch (measure.measure) {
    case 'distinct':
      return [
        // Inside another one: alone, the engine prunes it, and then fails now and then (OpenSearch 2.19).
        [amountOf(number), within(toQuery(everything), { cardinality: { field, precision_threshold: exactValues } })],
        [nullOf(number), { filter: holdsNull(field) }],
      ];
    case 'sum': {
      const where = measure.where === undefined ? everything : nonZero(measure.where, path);
      return [[amountOf(number), within(toQuery(where), { sum: { field } })]];
    }
    case 'terms':
      return grouped(field, number, {});
    case 'groups': {
      const sums = sumsOf(measure.members).map((sum) => [sumOf(sum), { sum: { field: path(sum) } }]);
      return grouped(field, number, { aggs: Object.fromEntries(sums) });
    }
  }
}

const within = (filter: Query, aggregation: Query): Query => ({ filter, aggs: { [inner]: aggregation } });

/** Documents by value, and those where it is null, with the same to say about both. */
function grouped(field: string, number: number, about: Query): readonly (readonly [string, Query])[] {
  const terms = { field, size: maxTerms, order: [{ _count: 'desc' }, { _key: 'asc' }] };
  return [
    [amountOf(number), { terms, ...about }],
    [nullOf(number), { filter: holdsNull(field), ...about }],
  ];
}

function nonZero({ field, nonZero: wanted }: NonZero, path: PathOf): Filter {
  const there: Filter = { kind: 'not', of: { kind: 'absent', path: path(field) } };
  const zero: Filter = { kind: 'terms', path: path(field), values: [0] };
  const filter = all([there, { kind: 'not', of: zero }]);
  return wanted ? filter : { kind: 'not', of: filter };
}

/** A field that is in no index, as mappings are strict: no document has it. */
const nowhere = '_nowhere';

function pathOf({ plugin, type, has }: IndexedEntity, name: string): string {
  const field = fieldCalled(plugin, type, name);
  if (field === undefined) throw new TypeError(`Documents of ${type} have no field ${name}`);
  return has(field.path) ? field.path : nowhere;
}
