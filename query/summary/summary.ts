import type { Json } from '../../core/model/metadata.ts';
import { filledIn, type Measure } from '../../core/model/summary.ts';
import { type AccessibleSources, accessClauses } from '../access.ts';
import type { Catalog, IndexedEntity } from '../catalogs.ts';
import type { Searching } from '../deps.ts';
import { type ParsedFilters, parseFilters } from '../filter/parse.ts';
import type { Search, ServingIndex } from '../opensearch.ts';
import { liveQuery, matching, preferenceOf } from '../search/plan.ts';
import { type MeasuredType, measuredTypes, measuring } from './aggregations.ts';
import { measuredValues, valuesOfNone } from './values.ts';

/** A request for a summary, parsed and checked. */
export interface SummaryRequest {
  readonly catalog: Catalog;
  readonly parts: readonly SummaryPart[];
}

/** What is measured over the documents of one entity type, and which of them count. */
interface SummaryPart {
  readonly entity: IndexedEntity;
  readonly measured: MeasuredType;
  readonly filters: ParsedFilters;
}

/** @throws LazuliError `bad_request` */
export function summaryRequest(catalog: Catalog, filters: string): SummaryRequest {
  const parts = measuredTypes(catalog.plugin).flatMap((measured): SummaryPart[] => {
    const entity = catalog.indexed.get(measured.entityType);
    return entity === undefined ? [] : [{ entity, measured, filters: parseFilters(filters, entity.fields) }];
  });
  return { catalog, parts };
}

/**
 * Counts over all documents that match and that the caller may see, whatever they are about
 * (specification, query-semantics 9).
 *
 * @throws LazuliError `forbidden`, `not_found`, `overloaded`, `unavailable`, `layout_unknown`
 */
export async function summarize(
  { engine, serving, signal }: Searching,
  { catalog, parts }: SummaryRequest,
  sources: AccessibleSources,
): Promise<Json> {
  if (parts.length === 0) return filledIn(catalog.plugin.summary ?? {}, () => null);
  const entities = parts.map(({ entity }) => entity);
  const values = await serving.withAll(signal, catalog, entities, (readings) => {
    const asked = parts.flatMap((part, i) => {
      const reading = readings[i];
      return reading ? [{ ...part, search: searchOf(reading.index, partIn(reading.entity, part), sources) }] : [];
    });
    return measuredBy({ engine, signal }, asked);
  });
  // Of an entity type that the generation that serves doesn't know there are no documents.
  const byMeasure = new Map<Measure, Json>([...parts.flatMap(({ measured }) => valuesOfNone(measured)), ...values]);
  return filledIn(catalog.plugin.summary ?? {}, (measure) => byMeasure.get(measure) ?? null);
}

/** The same part in terms of the index that serves, which may lack fields that it is about. */
const partIn = (entity: IndexedEntity, part: SummaryPart): SummaryPart => {
  if (entity === part.entity) return part;
  return { ...part, entity, filters: parseFilters(JSON.stringify(part.filters.given), entity.fields) };
};

interface Asked {
  readonly measured: MeasuredType;
  readonly search: Search;
}

async function measuredBy(
  { engine, signal }: Pick<Searching, 'engine' | 'signal'>,
  asked: readonly Asked[],
): Promise<readonly (readonly [Measure, Json])[]> {
  const results = await engine.search(
    asked.map(({ search }) => search),
    signal,
  );
  return asked.flatMap(({ measured }, i) => {
    const result = results[i];
    return result === undefined ? [] : measuredValues(measured, result);
  });
}

function searchOf(
  { name: index }: ServingIndex,
  { entity, measured, filters }: SummaryPart,
  sources: AccessibleSources,
): Search {
  const conditions = { clauses: filters.clauses, access: accessClauses('by source', filters, sources) };
  const body = {
    ...{ size: 0, track_total_hits: true as const, query: liveQuery(matching(conditions)) },
    aggs: measuring(measured, entity),
  };
  return { index, preference: preferenceOf(conditions), body };
}
