import { byCodePoint } from '../../../core/config/text.ts';
import type { KnownLimits } from '../../../core/documents/cuts.ts';
import type { BundleFqid } from '../../../core/model/bundle.ts';
import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import type { Contribution, InnerEntities } from '../../../transform/reference/contribution.ts';
import { documentOf, type Entity, type Reduced } from '../../../transform/reference/document.ts';
import { type Masks, selectedOf, versionName } from '../../../transform/reference/select.ts';

/** What one staged copy of a bundle version says about its entities, in natural JSON. */
export interface Addition {
  readonly fqid: BundleFqid;
  readonly normalizerVersion: number;
  readonly contentHash: string;
  /** as they are staged */
  readonly attributes: string;
  readonly contributions: readonly (Entity & { readonly contents: InnerEntities })[];
}

/** All documents, by `<entity type>/<entity id>`, of all that was ever staged, in any order. */
export function reduce(
  plugin: MetadataPlugin,
  additions: readonly Addition[],
  masks: Masks = { deletions: [], restores: [] },
  known?: KnownLimits,
): Map<string, Reduced> {
  const mentions = new Map<string, { readonly entity: Entity; readonly contributions: Contribution[] }>();
  for (const { version, selected, counts } of selectedOf(copiesOf(additions), masks)) {
    for (const { type, id, contents } of version.contributions) {
      const key = `${type}/${id}`;
      const known = mentions.get(key) ?? { entity: { type, id }, contributions: [] };
      known.contributions.push({ fqid: version.fqid, selected, counts, contents });
      mentions.set(key, known);
    }
  }
  const documents = [...mentions].map(
    ([key, { entity, contributions }]) => [key, documentOf(plugin, entity, contributions, known)] as const,
  );
  return new Map(documents.filter((entry): entry is [string, Reduced] => entry[1] !== null));
}

/** One copy of every version: the highest in all that is stored of it (invariant 4). */
function copiesOf(additions: readonly Addition[]): readonly Addition[] {
  const copies = new Map<string, Addition>();
  for (const addition of additions) {
    const known = copies.get(versionName(addition.fqid));
    if (known === undefined || isBetter(addition, known)) copies.set(versionName(addition.fqid), addition);
  }
  return [...copies.values()];
}

function isBetter(a: Addition, b: Addition): boolean {
  if (a.normalizerVersion !== b.normalizerVersion) return a.normalizerVersion > b.normalizerVersion;
  const texts = ({ contentHash, fqid, attributes }: Addition) => [contentHash, fqid.source.spec, attributes];
  const others = texts(b);
  const orders = texts(a).map((one, i) => byCodePoint(one, others[i] ?? ''));
  return (orders.find((order) => order !== 0) ?? 0) > 0;
}
