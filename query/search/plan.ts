import { readAliasFilter } from '../../transform/index-layout.ts';
import type { AccessClauses } from '../access.ts';
import { all, type Filter } from '../filter/filter.ts';
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
 * The query of a search. Searches name the index that an alias led to when the request began
 * (architecture, invariant 15), so tombstones, which the alias hides, are left out here.
 *
 * @param others what must hold, too
 */
export function liveQuery(filter: Filter, ...others: readonly Query[]): Query {
  return { bool: { filter: [toQuery(filter), ...others], ...readAliasFilter.bool } };
}
