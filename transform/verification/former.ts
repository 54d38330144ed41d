import { z } from 'zod';
import { texts } from '../../core/duckdb/sql.ts';
import { exactTotal, isIndexMissing, ofAllDocuments } from '../../core/search/search-answers.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Former } from '../generations/generations.ts';
import { indexOf } from '../generations/indices.ts';
import { heldDocuments } from '../generations/ledger.ts';
import { checked, refreshed } from '../sink/answers.ts';
import type { EntityKey } from '../store/schema.ts';
import { isAlive } from './dead-documents.ts';
import { unexplained } from './explained.ts';

/** How the documents of one entity type differ from those of a former generation; by their ids. */
export interface TypeChange {
  readonly entityType: string;
  readonly before: number;
  readonly after: number;
  readonly vanished: number;
  /** of those that vanished, those whose loss no addition or deletion on record explains */
  readonly lost: number;
  readonly appeared: number;
}

/** Ids that are read from an index at once. */
const page = 5000;
const keepAlive = '1m';

/**
 * Compares documents with those of a former generation; without one all have appeared.
 *
 * @param dead documents that can't be written: no generation shows them
 * @param next SQL of `entity_type`, `entity_id`
 * @param among SQL of the same, of the only documents that are compared; absent: all
 * @returns every entity type, in the order of the plug-in
 * @throws LazuliError `index_unavailable`
 */
export async function changesSince(
  context: CatalogContext,
  dead: readonly EntityKey[],
  former: Former | null,
  next: string,
  among?: string,
): Promise<readonly TypeChange[]> {
  const { store, plugin } = context;
  await store.run('CREATE OR REPLACE TEMP TABLE former (entity_type TINYINT, entity_id VARCHAR)');
  if (former?.current) {
    await store.run(`INSERT INTO former SELECT entity_type, entity_id FROM (${heldDocuments(former.generation)})
      WHERE ${isAlive(dead)}`);
  } else if (former !== null) await readIndices(context, former.generation);
  await store.run(`CREATE OR REPLACE TEMP TABLE compared AS
    SELECT entity_type, entity_id, f.entity_id IS NOT NULL AS before, n.entity_id IS NOT NULL AS after
    FROM former f FULL JOIN (SELECT entity_type, entity_id FROM (${next}) WHERE ${isAlive(dead)}) n USING (entity_type, entity_id)
    WHERE ${among === undefined ? 'true' : `(entity_type, entity_id) IN (SELECT (entity_type, entity_id) FROM (${among}))`}`);
  const rows =
    await store.rows(`SELECT entity_type, count(*) FILTER (before) AS before, count(*) FILTER (after) AS after,
      count(*) FILTER (before AND NOT after) AS vanished, count(*) FILTER (after AND NOT before) AS appeared
    FROM compared GROUP BY entity_type`);
  const changes: TypeChange[] = [];
  for (const [number, entityType] of Object.keys(plugin.entityTypes).entries()) {
    const row = rows.find((one) => Number(one.entity_type) === number);
    const count = (name: string) => Number(row?.[name] ?? 0);
    const [before, after, vanished, appeared] = ['before', 'after', 'vanished', 'appeared'].map(count) as Counts;
    const ids = `SELECT entity_id FROM compared WHERE entity_type = ${number} AND before AND NOT after`;
    const isRead = former !== null && !former.current;
    const lost = isRead ? await unexplained(context, { ...former, entityType }, ids) : vanished;
    changes.push({ entityType, before, after, vanished, lost, appeared });
  }
  return changes;
}

type Counts = [before: number, after: number, vanished: number, appeared: number];

async function readIndices(context: CatalogContext, generation: number): Promise<void> {
  for (const [number, entityType] of Object.keys(context.plugin.entityTypes).entries()) {
    for await (const ids of documentIds(context, indexOf(context, entityType, generation))) {
      await context.store.run(`INSERT INTO former SELECT ${number}, unnest(${texts(ids)})`);
    }
  }
}

/** How far a search of one page went says nothing: pages are counted. */
const scrolled = ofAllDocuments.omit({ terminated_early: true }).extend({
  _scroll_id: z.string(),
  hits: z.object({
    total: exactTotal,
    hits: z.array(z.object({ _id: z.string() })),
  }),
});

/** A page of a scroll has as many hits as are left, but for those of later pages. */
const pageAfter = (seen: number) =>
  scrolled.refine(({ hits: { total, hits } }) => hits.length === Math.min(page, total.value - seen));

/**
 * Ids of all documents of an index that aren't tombstones, a page at a time; none where there is no index. What was written
 * last counts, whoever wrote it.
 */
async function* documentIds({ cluster }: CatalogContext, index: string): AsyncIterable<readonly string[]> {
  const refresh = await cluster.request('POST', `/${index}/_refresh`);
  if (isIndexMissing(refresh.status, refresh.body)) return;
  await checked(refresh, `refresh ${index}`, refreshed);
  const body = {
    size: page,
    sort: ['_doc'],
    _source: false,
    query: { bool: { must_not: { term: { _deleted: true } } } },
  };
  let answer = await cluster.request('POST', `/${index}/_search`, body, { scroll: keepAlive });
  for (let seen = 0; ; ) {
    const { _scroll_id: scroll, hits } = await checked(answer, `list the documents of ${index}`, pageAfter(seen));
    if (hits.hits.length > 0) yield hits.hits.map(({ _id }) => _id);
    seen += hits.hits.length;
    if (seen === hits.total.value) {
      // Nothing depends on the answer: a scroll that nobody closes ends by itself.
      await cluster.request('DELETE', '/_search/scroll', { scroll_id: scroll });
      return;
    }
    answer = await cluster.request('POST', '/_search/scroll', { scroll: keepAlive, scroll_id: scroll });
  }
}
