import { isWithin, type Restriction } from '../../core/config/sources.ts';
import { text, texts } from '../../core/duckdb/sql.ts';
import type { Store } from './store.ts';

/** Bundles of some sources; of these, perhaps, only those whose uuid begins in a certain way. */
export interface Part {
  /** ids */
  readonly sources: readonly string[];
  /** in lower case; empty: all */
  readonly prefix: string;
}

/** SQL of the condition that a row with `source_id` and `bundle_uuid` is of the part. */
export const inPart = ({ sources, prefix }: Part): string =>
  `(list_contains(${texts(sources)}::VARCHAR[], source_id) AND starts_with(lower(bundle_uuid), ${text(prefix)}))`;

/** Entities, `entity_type` and `entity_id`, that stored bundles of a part mention. */
export const mentionedQuery = (part: Part): string =>
  `SELECT DISTINCT e.entity_type, e.entity_id FROM entities e JOIN bundles b USING (bundle_key) WHERE ${inPart(part)}`;

/** The part of a store that a restriction allows. */
export async function storedPart(store: Store, restriction: Restriction): Promise<Part> {
  const rows = await store.rows('SELECT DISTINCT source_id, source_spec FROM bundles');
  const sources = rows.map((row) => ({ id: String(row.source_id), spec: String(row.source_spec) }));
  const wanted = sources.filter((source) => isWithin(source, restriction)).map(({ id }) => id);
  return { sources: [...new Set(wanted)].sort(), prefix: restriction.prefix };
}
