import { type Cut, cutsOf } from '../../core/documents/cuts.ts';
import type { ServedEntity } from '../catalogs.ts';

/** A list of a hit that was cut, and what became of the rest of its values. */
export interface TruncatedList {
  /** name of the field in filters and facets; of one that has none, role and name of the field in documents */
  readonly field: string;
  /** values that the hit shows */
  readonly shown: number;
  /** values that there are, counted up to one more than are ever known */
  readonly total: number;
  /** whether filters and facets know all of them; false: nothing finds the document by those that they don't know */
  readonly searchable: boolean;
}

type Source = Readonly<Record<string, unknown>>;

/** @returns a function that tells which lists of a document were cut, by its source in the index */
export function truncatedIn({ fields, served }: ServedEntity): (source: Source) => readonly TruncatedList[] {
  // Other entity types may have another name for the field.
  const named = [...fields.byName.values()].sort((a, b) => Number(a.indexed) - Number(b.indexed));
  const names = new Map(named.map(({ path, name }) => [path, name]));
  const listed = (path: string, { shown, total, found }: Cut): TruncatedList => {
    const name = names.get(path);
    return {
      field: name ?? path.replace(/^contents\./, ''),
      ...{ shown, total, searchable: found && name !== undefined },
    };
  };
  return (source) => cutsOf(source).flatMap((cut) => (cut.path === 'bundles' ? bundles(cut) : [listed(cut.path, cut)]));

  /** Entity types whose hits show no bundles are found by them all the same. */
  function bundles(cut: Cut): readonly TruncatedList[] {
    if (!served.showsBundles && cut.found) return [];
    const shown = served.showsBundles ? cut.shown : 0;
    return ['bundles.uuid', 'bundles.version'].map((path) => listed(path, { ...cut, shown }));
  }
}

/** A hit with what was cut of it, where anything was. @param hit as the plug-in presents it */
export function withTruncated(hit: unknown, lists: readonly TruncatedList[]): unknown {
  return lists.length === 0 || typeof hit !== 'object' ? hit : { ...hit, truncated: lists };
}
