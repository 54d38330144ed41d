import { byCodePoint } from '../../core/config/text.ts';
import type { Contribution, InnerEntities, Members } from './contribution.ts';

/**
 * Copies of an inner entity from several bundles: that of the newest bundle version stays, then that
 * of the lowest bundle uuid, then that of the lowest source id. Inner entities without id all stay,
 * and so does everything where there is but one bundle (indexing 7.4).
 */
export function reconciled(used: readonly Contribution[]): InnerEntities {
  if (used.length === 1) return used[0]?.contents ?? {};
  const ranked = [...used].sort(
    ({ fqid: a }, { fqid: b }) =>
      byCodePoint(b.version, a.version) || byCodePoint(a.uuid, b.uuid) || byCodePoint(a.source.id, b.source.id),
  );
  const kept: Record<string, Members[]> = {};
  const seen = new Set<string>();
  for (const { contents } of ranked) {
    for (const [role, inner] of Object.entries(contents)) {
      kept[role] ??= [];
      for (const entity of inner) if (isFirst(seen, role, entity)) kept[role].push(entity);
    }
  }
  return kept;
}

function isFirst(seen: Set<string>, role: string, { document_id: id }: Members): boolean {
  if (typeof id !== 'string') return true;
  const key = JSON.stringify([role, id]);
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}
