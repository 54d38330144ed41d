import type { Restriction } from '../../core/config/sources.ts';
import type { Forecast } from '../../core/control/forecast.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Documents } from '../computing/documents.ts';
import type { Former } from '../generations/generations.ts';
import { heldDocuments } from '../generations/ledger.ts';
import { mentionedQuery, storedPart } from '../store/part.ts';
import type { EntityKey } from '../store/schema.ts';
import { changesSince } from './former.ts';

/** Of each entity type, at random. */
const mostSampled = 50;
const maxSources = 1000;

const everyDocument = `SELECT DISTINCT e.entity_type, e.entity_id FROM entities e JOIN bundles b USING (bundle_key) WHERE b.selected`;

/**
 * Changes nothing but temporary tables.
 *
 * @param dead documents that can't be written: no generation shows them
 * @param restriction of whose bundles alone documents would be written again
 * @throws LazuliError `index_unavailable`
 */
export async function forecast(
  context: CatalogContext,
  documents: Documents,
  dead: readonly EntityKey[],
  former: Former | null,
  restriction?: Restriction,
): Promise<Forecast> {
  const { store } = context;
  await store.expect('much');
  const among = restriction && mentionedQuery(await storedPart(store, restriction));
  const planned =
    among === undefined
      ? everyDocument
      : `${everyDocument} AND (e.entity_type, e.entity_id) IN (SELECT (entity_type, entity_id) FROM (${among}))`;
  const changes = await changesSince(context, dead, former, planned, among);
  const sources = await store.rows(`SELECT entity_type, source_id, count(DISTINCT entity_id) AS documents
    FROM entities JOIN bundles USING (bundle_key) JOIN (${planned}) USING (entity_type, entity_id) WHERE selected GROUP BY ALL ORDER BY source_id LIMIT ${maxSources * changes.length}`);
  const types = changes.map((change, number) => {
    const own = sources.filter((row) => Number(row.entity_type) === number).slice(0, maxSources);
    const counts = own.map((row) => [String(row.source_id), Number(row.documents)] as const);
    return { ...change, sources: Object.fromEntries(counts) };
  });
  return {
    generation: former?.generation ?? null,
    documents: changes.reduce((sum, { after }) => sum + after, 0),
    types,
    sampled: former?.current ? await sample(context, documents, former.generation, planned) : null,
  };
}

/** What waits to be written is another one anyway, and left out. */
async function sample(
  { store }: CatalogContext,
  documents: Documents,
  generation: number,
  planned: string,
): Promise<Forecast['sampled']> {
  await store.run(`CREATE OR REPLACE TEMP TABLE wanted AS
    SELECT (row_number() OVER () - 1)::INTEGER AS doc, entity_type, entity_id FROM (
      SELECT entity_type, entity_id, row_number() OVER (PARTITION BY entity_type ORDER BY random()) AS drawn
      FROM (${planned}) WHERE (entity_type, entity_id) NOT IN (SELECT (entity_type, entity_id) FROM outbox))
    WHERE drawn <= ${mostSampled}`);
  await documents.compute();
  const computed = await store.number('SELECT count(*) FROM computed');
  const same = await store.number(
    `SELECT count(*) FROM computed c JOIN (${heldDocuments(generation)}) h USING (entity_type, entity_id) WHERE c.hash = h.hash`,
  );
  return { documents: computed, changed: computed - same };
}
