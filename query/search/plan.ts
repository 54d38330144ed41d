import { hash } from 'node:crypto';
import { all, type Filter } from '../../core/documents/filter.ts';
import { readAliasFilter } from '../../core/documents/index-layout.ts';
import type { AccessClauses } from '../access.ts';
import { type Query, toQuery } from '../filter/opensearch.ts';
import type { Clause } from '../filter/parse.ts';

/** The conditions of one request on the documents of one entity type. */
export interface Conditions {
  readonly access: AccessClauses;
  readonly clauses: readonly Clause[];
}

/**
 * What all conditions together allow.
 *
 * @param except leaves out those on this field, as its facet does
 */
export function matching({ access, clauses }: Conditions, except?: string): Filter {
  const applied = [...clauses, ...access.own].filter(({ field }) => field !== except);
  return all([access.always, ...applied.map(({ filter }) => filter)]);
}

/** Names of fields that some condition is on. */
export function conditioned({ access, clauses }: Conditions): ReadonlySet<string> {
  return new Set([...clauses, ...access.own].map(({ field }) => field));
}

/**
 * The query of a search. Searches name the index that serves, not its alias (architecture, invariant 15), so tombstones,
 * which the alias hides, are left out here.
 */
export function liveQuery(filter: Filter): Query {
  return { bool: { filter: [toQuery(filter)], ...readAliasFilter.bool } };
}

/**
 * Names the copies of shards that searches under these conditions read: the same ones each time, as long as they are
 * there, whichever process sends the searches. Copies see what was written at different moments. So hits, facets and the state of the index in one
 * answer are of the same copies, and so are all pages of a list. Other conditions may read other copies, which spreads the load.
 */
export const preferenceOf = (conditions: Conditions): string =>
  hash('sha256', JSON.stringify(matching(conditions)), 'hex').slice(0, 16);
