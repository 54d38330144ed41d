import { LazuliError } from '../core/config/errors.ts';
import { all, everything, type Filter, nothing } from '../core/documents/filter.ts';
import { shown } from '../core/http/refusal.ts';
import { accessibleField } from '../core/model/envelope.ts';
import type { EntityType } from '../core/model/metadata.ts';
import { sourceIdPath } from './fields/envelope.ts';
import type { Clause, ParsedFilters } from './filter/parse.ts';

/** Ids of the sources that the caller may see. */
export type AccessibleSources = ReadonlySet<string>;

/** What access control adds to a search (specification, query-semantics 4). */
export interface AccessClauses {
  /** holds whatever the caller filters by, for every facet and total */
  readonly always: Filter;
  /** the caller's own filters on sources and accessibility, which the facet `accessible` ignores */
  readonly own: readonly Clause[];
  /** documents whose sources the caller may all see */
  readonly visible: Filter;
}

/**
 * A document of several sources is shown only to callers who may see all of them.
 *
 * @throws LazuliError `forbidden` when the caller asks for sources that it may not see, where that matters
 */
export function accessClauses(
  access: NonNullable<EntityType['served']>['access'],
  { sources, accessible }: ParsedFilters,
  accessibleSources: AccessibleSources,
): AccessClauses {
  const visible = visibleTo(accessibleSources);
  const limited = access === 'by source';
  if (limited && sources !== undefined) refuseInaccessible(sources, accessibleSources);
  const own: Filter[] = [];
  if (sources !== undefined) own.push({ kind: 'terms', path: sourceIdPath, values: sources });
  if (accessible !== undefined) own.push(accessibleClause(accessible, visible));
  return {
    always: limited ? visible : everything,
    own: own.length === 0 ? [] : [{ field: accessibleField, filter: all(own) }],
    visible,
  };
}

/** Documents whose sources the caller may all see. */
export const visibleTo = (accessible: AccessibleSources): Filter => ({
  kind: 'only',
  path: sourceIdPath,
  values: [...accessible].sort(),
});

function accessibleClause(accessible: ReadonlySet<boolean>, visible: Filter): Filter {
  if (accessible.size === 2) return everything;
  if (accessible.size === 0) return nothing;
  return accessible.has(true) ? visible : { kind: 'not', of: visible };
}

function refuseInaccessible(asked: readonly string[], accessible: AccessibleSources): void {
  const inaccessible = asked.filter((id) => !accessible.has(id));
  if (inaccessible.length === 0) return;
  throw new LazuliError('forbidden', `Cannot filter by inaccessible sources: ${shown(inaccessible)}.`, {
    remedy: 'Ask for access to them, or leave them out.',
  });
}
