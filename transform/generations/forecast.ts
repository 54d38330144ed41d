import type { Restriction } from '../../core/config/sources.ts';
import type { Emission } from '../emitting/emission.ts';
import { mentionedQuery, storedPart } from '../store/part.ts';
import type { Store } from '../store/store.ts';
import { changesSince, type Former, type FormerParts, type TypeChange } from './former.ts';
import { heldDocuments } from './ledger.ts';

/** What a build of a generation would come to, were it begun now. */
export interface Forecast {
  /** the generation that serves, with which it is compared; null where there is none */
  readonly generation: number | null;
  /** documents that would be written */
  readonly documents: number;
  readonly types: readonly TypeForecast[];
  /** documents that were computed, and how many of them came out as others than they are indexed; null where nobody can tell */
  readonly sampled: { readonly documents: number; readonly changed: number } | null;
}

export interface TypeForecast extends TypeChange {
  /** documents that would be written, by source; one of several sources counts for each. The first thousand sources */
  readonly sources: Readonly<Record<string, number>>;
}

export interface ForecastParts extends FormerParts {
  readonly store: Store;
  readonly emission: Emission;
}

/** Of each entity type, at random. */
const mostSampled = 50;
const maxSources = 1000;

const everyDocument = `SELECT DISTINCT e.entity_type, e.entity_id FROM entities e JOIN bundles b USING (bundle_key) WHERE b.selected`;

/**
 * Changes nothing but temporary tables.
 *
 * @param restriction of whose bundles alone documents would be written again
 * @throws LazuliError `index_unavailable`
 */
export async function forecast(
  parts: ForecastParts,
  former: Former | null,
  restriction?: Restriction,
): Promise<Forecast> {
  await parts.store.expect('much');
  const among = restriction && mentionedQuery(await storedPart(parts.store, restriction));
  const planned =
    among === undefined
      ? everyDocument
      : `${everyDocument} AND (e.entity_type, e.entity_id) IN (SELECT (entity_type, entity_id) FROM (${among}))`;
  const changes = await changesSince(parts, former, planned, among);
  const sources = await parts.store.rows(`SELECT entity_type, source_id, count(DISTINCT entity_id) AS documents
    FROM entities JOIN bundles USING (bundle_key) JOIN (${planned}) USING (entity_type, entity_id) WHERE selected GROUP BY ALL ORDER BY source_id LIMIT ${maxSources * changes.length}`);
  const types = changes.map((change, number) => {
    const own = sources.filter((row) => Number(row.entity_type) === number).slice(0, maxSources);
    const counts = own.map(({ source_id, documents }) => [String(source_id), Number(documents)] as const);
    return { ...change, sources: Object.fromEntries(counts) };
  });
  return {
    generation: former?.generation ?? null,
    documents: changes.reduce((sum, { after }) => sum + after, 0),
    types,
    sampled: former?.current ? await sample(parts, former.generation, planned) : null,
  };
}

/** What waits to be written is another one anyway, and left out. */
async function sample(
  { store, emission }: ForecastParts,
  generation: number,
  planned: string,
): Promise<Forecast['sampled']> {
  await store.run(`CREATE OR REPLACE TEMP TABLE wanted AS
    SELECT (row_number() OVER () - 1)::INTEGER AS doc, entity_type, entity_id FROM (
      SELECT entity_type, entity_id, row_number() OVER (PARTITION BY entity_type ORDER BY random()) AS drawn
      FROM (${planned}) WHERE (entity_type, entity_id) NOT IN (SELECT (entity_type, entity_id) FROM outbox))
    WHERE drawn <= ${mostSampled}`);
  await emission.compute();
  const documents = await store.number('SELECT count(*) FROM computed');
  const same = await store.number(
    `SELECT count(*) FROM computed c JOIN (${heldDocuments(generation)}) h USING (entity_type, entity_id) WHERE c.hash = h.hash`,
  );
  return { documents, changed: documents - same };
}
