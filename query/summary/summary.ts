import type { Json } from '../../plugins/metadata.ts';
import { filledIn, type Measure } from '../../plugins/summary.ts';
import { type AccessibleSources, accessClauses } from '../access.ts';
import type { Catalog, IndexedEntity } from '../catalogs.ts';
import { type ParsedFilters, parseFilters } from '../filter/parse.ts';
import type { SearchEngine } from '../opensearch.ts';
import { indicesOf } from '../search/indices.ts';
import { liveQuery, matching } from '../search/plan.ts';
import { type MeasuredType, measuredTypes } from './aggregations.ts';
import { measuredValues } from './values.ts';

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
 * @throws LazuliError `forbidden`, `not_found`, `unavailable`
 */
export async function summarize(
  engine: SearchEngine,
  { catalog, parts }: SummaryRequest,
  sources: AccessibleSources,
): Promise<Json> {
  const bodies = parts.map((part) => searchBody(part, sources));
  const indices =
    parts.length === 0
      ? []
      : await indicesOf(
          engine,
          parts.map(({ entity }) => entity),
        );
  const searches = bodies.map((body, i) => ({ index: indices[i] ?? '', body }));
  const results = searches.length === 0 ? [] : await engine.search(searches);
  const values = parts.flatMap(({ measured }, i) => {
    const result = results[i];
    return result === undefined ? [] : measuredValues(measured, result);
  });
  const byMeasure = new Map<Measure, Json>(values);
  return filledIn(catalog.plugin.summary ?? {}, (measure) => byMeasure.get(measure) ?? null);
}

function searchBody({ filters, measured: { aggregations } }: SummaryPart, sources: AccessibleSources) {
  const access = accessClauses('by source', filters, sources);
  const query = liveQuery(matching({ clauses: filters.clauses, access }));
  return { size: 0, track_total_hits: true, query, aggs: aggregations };
}
