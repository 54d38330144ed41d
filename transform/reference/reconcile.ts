import { byCodePoint } from '../../core/config/text.ts';
import { isCompleted } from '../../core/model/fields.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import type { Contribution, InnerEntities, Members } from './contribution.ts';

/**
 * Copies of an inner entity from several bundles: that of the newest bundle version stays, then that
 * of the lowest bundle uuid, then that of the lowest source id. In roles whose copies complete each other it takes what it
 * lacks from the next ones. Inner entities without id all stay, and so does everything where there is but one bundle
 * (indexing 7.4).
 */
export function reconciled(plugin: MetadataPlugin, used: readonly Contribution[]): InnerEntities {
  if (used.length === 1) return used[0]?.contents ?? {};
  const ranked = [...used].sort(
    ({ fqid: a }, { fqid: b }) =>
      byCodePoint(b.version, a.version) || byCodePoint(a.uuid, b.uuid) || byCodePoint(a.source.id, b.source.id),
  );
  const roles = new Set(ranked.flatMap(({ contents }) => Object.keys(contents)));
  const kept = [...roles].map((role) => {
    const all = ranked.flatMap(({ contents }) => contents[role] ?? []);
    return [role, isCompleted(plugin, role) ? completed(all) : firstOnes(all)] as const;
  });
  return Object.fromEntries(kept);
}

/** What inner entities have in common that are copies of one; each without id is like no other. */
const keyOf = ({ document_id: id }: Members, place: number): unknown => (typeof id === 'string' ? id : place);

const copies = (all: readonly Members[]): readonly (readonly Members[])[] => [...Map.groupBy(all, keyOf).values()];

const firstOnes = (all: readonly Members[]): readonly Members[] => copies(all).flatMap((of) => of.slice(0, 1));

const completed = (all: readonly Members[]): readonly Members[] =>
  copies(all).map((of) => Object.assign({}, ...of.toReversed()) as Members);
