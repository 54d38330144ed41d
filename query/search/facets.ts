import { merged, type Printed, printedObject } from '../../core/http/printed.ts';
import { accessibleField } from '../../core/model/envelope.ts';
import type { ApiField, EntityFields } from '../fields/api-fields.ts';
import { type Query, toQuery, unlisted } from '../filter/opensearch.ts';
import { isNull } from '../filter/relations.ts';
import { stateAggregation } from './index-state.ts';
import { type Conditions, conditioned, liveQuery, matching } from './plan.ts';

/**
 * A search for facets, whose answer tells the state in which it found the index. Facets without a condition on their
 * own field share one.
 */
export interface FacetSearch {
  readonly fields: readonly ApiField[];
  readonly accessible: boolean;
  readonly body: Printed<Query>;
  /** the same, which takes more terms of each shard: exact where an index has several, and costs more */
  wider(): Printed<Query>;
}

type Aggregations = Readonly<Record<string, Query>>;

/** The engine allows 65,535 buckets in one search, those of values beside terms among them. */
const maxBuckets = 40_000;
const maxTerms = 1000;
const maxBeside = 20;
/** Terms that a wider search takes of each shard. Of a field that has more there, counts may be too small. */
const widestShardTerms = 65_536;

/** Terms that each facet of a catalog shows at most; what is beyond is counted in `other`. */
const termLimit = ({ facets }: EntityFields): number =>
  Math.min(maxTerms, Math.floor(maxBuckets / Math.max(1, facets.length)));

/** Names of the aggregations in a facet search. */
export const termsOf = (field: string): string => `terms:${field}`;
export const nullOf = (field: string): string => `null:${field}`;
export const visibleAggregation = 'visible';
export const inside = { terms: 'terms', documents: 'documents', beside: 'beside' } as const;

/** Every facet follows all conditions but those on its own field (specification, query-semantics 5). */
export function facetSearches(fields: EntityFields, conditions: Conditions): readonly FacetSearch[] {
  const narrowed = conditioned(conditions);
  const shared = fields.facets.filter(({ name }) => !narrowed.has(name));
  const alone = fields.facets.filter(({ name }) => narrowed.has(name));
  const sharesAccess = !narrowed.has(accessibleField);
  return [
    facetSearch(fields, conditions, shared, sharesAccess),
    ...alone.map((field) => facetSearch(fields, conditions, [field], false)),
    ...(sharesAccess ? [] : [facetSearch(fields, conditions, [], true)]),
  ];
}

function facetSearch(
  fields: EntityFields,
  conditions: Conditions,
  facets: readonly ApiField[],
  accessible: boolean,
): FacetSearch {
  const [first] = facets;
  const alone = accessible && first === undefined ? accessibleField : facets.length === 1 ? first?.name : undefined;
  const visible = accessible ? { [visibleAggregation]: { filter: toQuery(conditions.access.visible) } } : {};
  const bodyWith = (aggregations: ReadonlyMap<ApiField, Printed<Aggregations>>): Printed<Query> =>
    printedObject<Query>({
      size: 0,
      track_total_hits: true,
      query: liveQuery(matching(conditions, alone)),
      aggs: merged<Query>([
        ...facets.flatMap((field) => aggregations.get(field) ?? []),
        printedObject<Aggregations>({ ...visible, ...stateAggregation }),
      ]),
    }).copied();
  const wider = () => bodyWith(new Map(facets.map((field) => [field, printedObject(wideAggregations(fields, field))])));
  return { fields: facets, accessible, body: bodyWith(printedAggregations(fields)), wider };
}

/** They never change, and are most of a search. */
const known = new WeakMap<EntityFields, ReadonlyMap<ApiField, Printed<Aggregations>>>();

function printedAggregations(fields: EntityFields): ReadonlyMap<ApiField, Printed<Aggregations>> {
  const found = known.get(fields);
  if (found !== undefined) return found;
  const all = fields.facets.map((field) => [field, printedObject(aggregationsOf(fields, field))] as const);
  const printed = new Map(all);
  known.set(fields, printed);
  return printed;
}

const wideAggregations = (fields: EntityFields, field: ApiField): Aggregations =>
  aggregationsOf(fields, field, { shard_size: widestShardTerms });

/** How many terms are taken of each shard; absent: half as many more than are shown. */
type Taken = { readonly shard_size?: number };

function aggregationsOf(fields: EntityFields, field: ApiField, taken: Taken = {}): Aggregations {
  if (!field.indexed) return {};
  const size = termLimit(fields);
  if (field.type === 'object') return objectAggregations(field, { size, ...taken });
  return {
    [termsOf(field.name)]: { ...terms(field.path, { size, ...taken }), ...beside(fields, field) },
    [nullOf(field.name)]: { filter: unlisted(field.path) },
  };
}

/** By the first member of objects. Documents are counted, as for any other field: each once, however many of its objects have the term. */
function objectAggregations(field: ApiField, counts: Counts): Aggregations {
  const { path, members } = field;
  const [first] = Object.keys(members);
  const order = [{ [inside.documents]: 'desc' }, { _key: 'asc' }];
  const counted = {
    terms: { field: `${path}.${first}`, ...counts, order },
    aggs: { [inside.documents]: { reverse_nested: {} } },
  };
  return {
    [termsOf(field.name)]: { nested: { path }, aggs: { [inside.terms]: counted } },
    [nullOf(field.name)]: { filter: toQuery(isNull(field)) },
  };
}

type Counts = Taken & { readonly size: number };

function terms(field: string, counts: Counts): Query {
  return { terms: { field, ...counts, order: [{ _count: 'desc' }, { _key: 'asc' }] } };
}

function beside(fields: EntityFields, field: ApiField): Query {
  const other = field.beside === undefined ? undefined : fields.byName.get(field.beside);
  return other?.indexed
    ? { aggs: { [inside.beside]: terms(other.path, { size: maxBeside, shard_size: maxTerms }) } }
    : {};
}
