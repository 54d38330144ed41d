import { name, stored } from '../../core/duckdb/sql.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { membersTable } from '../../core/staged/layout.ts';
import { hotLinks } from '../computing/documents.ts';
import { shownRoles } from '../reference/stored.ts';
import type { EntityKey } from '../store/schema.ts';
import type { Row, Store } from '../store/store.ts';
import { isAlive } from './dead-documents.ts';

/** An entity whose document is to be recomputed. */
export interface Sampled extends EntityKey {
  /** stored bundle versions that mention it */
  readonly bundles: number;
  /** inner rows in all of them; infinite where there are too many bundles to count them */
  readonly rows: number;
  /** none of its type has more bundles, or none that `isSmall` has more rows */
  readonly large: boolean;
}

/** Of each entity type, beside the large ones. */
const mostDrawn = 5;
/** Of each entity type: the small document of most rows is one of those of most bundles. */
const mostCounted = 10;
/** The reference reducer holds rows as objects, about 2 kB each. */
export const mostRows = 50_000;
/** Documents of more bundles have rollups: then there is more to be found than the reference could tell. */
const mostBundles = hotLinks;

/** Whether the reference reducer takes a document. */
export const isSmall = ({ rows }: Pick<Sampled, 'rows'>): boolean => rows <= mostRows;

/**
 * Which documents a verification computes again, of each entity type: that of most bundles, that of most rows among
 * those that the reference reducer takes, and some at random. Whether an entity has a document is for it to find out.
 *
 * @param dead left out
 */
export async function sampleDocuments(
  store: Store,
  plugin: MetadataPlugin,
  dead: readonly EntityKey[],
): Promise<readonly Sampled[]> {
  const rows = (await store.rows(candidates(plugin, dead))).map(candidateOf);
  const large = [...Map.groupBy(rows, ({ entityType }) => entityType).values()].flatMap((ofType) => {
    const small = ofType.filter(isSmall).sort((a, b) => b.rows - a.rows || b.bundles - a.bundles);
    return [...ofType.filter(({ first }) => first), ...small.slice(0, 1)];
  });
  return rows
    .map(({ first: _first, drawn, ...one }, i) => ({ ...one, drawn, large: large.includes(rows[i] as Candidate) }))
    .filter((one) => one.large || one.drawn)
    .map(({ drawn: _drawn, ...one }) => one);
}

interface Candidate extends Omit<Sampled, 'large'> {
  /** of most bundles */
  readonly first: boolean;
  readonly drawn: boolean;
}

const candidateOf = ({ entity_type, entity_id, bundles, inner_rows, first, drawn }: Row): Candidate => ({
  entityType: Number(entity_type),
  entityId: String(entity_id),
  bundles: Number(bundles),
  rows: inner_rows === null ? Number.POSITIVE_INFINITY : Number(inner_rows),
  first: first === true,
  drawn: drawn === true,
});

/** Entities are sampled before their rows are counted: that would take as long as a build for all of them. */
function candidates(plugin: MetadataPlugin, dead: readonly EntityKey[]): string {
  const roles = [...new Set(Object.keys(plugin.entityTypes).flatMap((type) => shownRoles(plugin, type)))].map(name);
  const place = (order: string, of = '') => `row_number() OVER (PARTITION BY entity_type${of} ORDER BY ${order})`;
  const few = `bundles <= ${mostBundles}`;
  return `WITH sized AS (
      SELECT entity_type, entity_id, count(*) AS bundles FROM entities WHERE ${isAlive(dead)} GROUP BY entity_type, entity_id),
    chosen AS MATERIALIZED (
      SELECT entity_type, entity_id, bundles, place = 1 AS first, drawn <= ${mostDrawn} AS drawn FROM (
        SELECT *, ${place('bundles DESC, entity_id')} AS place, ${place('bundles DESC, entity_id', `, ${few}`)} AS counted, ${place('random()')} AS drawn
        FROM sized)
      WHERE place = 1 OR (${few} AND counted <= ${mostCounted}) OR drawn <= ${mostDrawn}),
    sets AS (
      SELECT entity_type, entity_id, e.bundle_key, unnest([${roles.map((role) => `e.${role}`).join(', ')}]) AS "set"
      FROM entities e JOIN chosen c USING (entity_type, entity_id) WHERE c.${few}),
    counted AS (
      SELECT entity_type, entity_id, count(*) AS inner_rows FROM sets JOIN ${stored(membersTable.name)} USING (bundle_key, "set")
      GROUP BY entity_type, entity_id)
    SELECT c.*, CASE WHEN ${few} THEN coalesce(inner_rows, 0) END AS inner_rows
    FROM chosen c LEFT JOIN counted USING (entity_type, entity_id) ORDER BY entity_type, entity_id`;
}
