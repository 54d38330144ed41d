import type { BundleFqid, Json, MetadataPlugin } from '../../plugins/metadata.ts';
import { maxListedBundles } from '../../transform/aggregate/plan.ts';
import type { InnerEntities } from '../difference.ts';
import type { Addition } from './reducer/addition.ts';
import { computedMembers } from './reducer/computed.ts';
import { contentsOf } from './reducer/contents.ts';
import { reconciled } from './reducer/reconcile.ts';
import { byText, selectedOf } from './reducer/select.ts';

/** A document in natural JSON, with the paths of its nulls and cuts as the index has them, sorted. */
export interface Reduced {
  readonly entity_id: string;
  readonly contents: Record<string, Record<string, Json>[]>;
  readonly [member: string]: unknown;
}

/**
 * The plain reference reducer: from all additions and deletions that were ever staged, in any order,
 * to documents by `<entity type>/<entity id>`. It follows the specification (indexing 6, 7) and the
 * declarations of a plug-in, one entity after the other, without regard to speed.
 *
 * @param unlimited sets keep all their values
 */
export function reduce(
  plugin: MetadataPlugin,
  additions: readonly Addition[],
  deletions: readonly BundleFqid[],
  { unlimited = false } = {},
): Map<string, Reduced> {
  const bundles = selectedOf(additions, deletions);
  const mentions = new Map<string, Mention[]>();
  for (const { addition, selected, contributions } of bundles) {
    for (const { type, id, contents } of addition.contributions) {
      const key = `${type}/${id}`;
      const mention = { fqid: addition.fqid, selected, contributions, contents };
      mentions.set(key, [...(mentions.get(key) ?? []), mention]);
    }
  }
  const documents = new Map<string, Reduced>();
  for (const [key, all] of mentions) {
    if (!all.some(({ selected }) => selected)) continue;
    const slash = key.indexOf('/');
    documents.set(key, document(plugin, key.slice(0, slash), key.slice(slash + 1), all, unlimited));
  }
  return documents;
}

interface Mention {
  readonly fqid: BundleFqid;
  readonly selected: boolean;
  /** documents that the established system would have stored: the addition, and its deletion */
  readonly contributions: number;
  readonly contents: InnerEntities;
}

function document(
  plugin: MetadataPlugin,
  entityType: string,
  id: string,
  mentions: readonly Mention[],
  unlimited: boolean,
): Reduced {
  const used = mentions.filter(({ selected }) => selected);
  const inner = reconciled(used);
  const { contents, nulls, cuts, longs } = contentsOf(plugin, entityType, inner, unlimited);
  const listed = bundlesOf(used);
  if (used.length > listed.length) cuts.push('bundles');
  return {
    entity_id: id,
    num_contributions: mentions.reduce((sum, { contributions }) => sum + contributions, 0),
    sources: sourcesOf(used),
    bundles: listed,
    ...computedMembers(plugin, entityType, inner),
    contents,
    ...(nulls.length > 0 ? { _nulls: nulls.sort() } : {}),
    ...(cuts.length > 0 ? { _truncated: cuts.sort() } : {}),
    ...(longs.length > 0 ? { _long: longs.sort() } : {}),
  };
}

function sourcesOf(used: readonly Mention[]) {
  const specs = new Map<string, string[]>();
  for (const { fqid } of used) specs.set(fqid.source.id, [...(specs.get(fqid.source.id) ?? []), fqid.source.spec]);
  return [...specs].map(([id, all]) => ({ id, spec: all.sort(byText)[0] }));
}

/** The first ones in the order of uuid, then version, then source. */
function bundlesOf(used: readonly Mention[]) {
  return used
    .map(({ fqid }) => fqid)
    .sort((a, b) => byText(a.uuid, b.uuid) || byText(a.version, b.version) || byText(a.source.id, b.source.id))
    .slice(0, maxListedBundles)
    .map(({ uuid, version }) => ({ uuid, version }));
}
