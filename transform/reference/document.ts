import { byCodePoint } from '../../config/text.ts';
import type { Json, MetadataPlugin } from '../../plugins/metadata.ts';
import { maxListedBundles } from '../aggregate/plan.ts';
import { computedMembers } from './computed.ts';
import { contentsOf } from './contents.ts';
import type { Contribution } from './contribution.ts';
import { reconciled } from './reconcile.ts';

/** A document in natural JSON, with the paths of its nulls and cuts as the index has them. */
export interface Reduced {
  readonly entity_id: string;
  readonly contents: Record<string, Record<string, Json>[]>;
  readonly [member: string]: unknown;
}

/** An outer entity by the name of its type. */
export interface Entity {
  readonly type: string;
  readonly id: string;
}

/**
 * The plain reference reducer: from all contributions to one entity to its document. It follows the specification
 * (indexing 6, 7) and the declarations of a plug-in without regard to speed, and has nothing in common with the
 * statements that compute documents: so both don't make the same mistake (architecture, invariant 17).
 *
 * @returns null where no selected bundle mentions the entity
 */
export function documentOf(
  plugin: MetadataPlugin,
  { type, id }: Entity,
  contributions: readonly Contribution[],
): Reduced | null {
  const used = contributions.filter(({ selected }) => selected);
  if (used.length === 0) return null;
  const inner = reconciled(used);
  const { contents, nulls, cuts } = contentsOf(plugin, type, inner);
  const listed = bundlesOf(used);
  if (used.length > listed.length) cuts.push('bundles');
  return {
    entity_id: id,
    num_contributions: contributions.reduce((sum, { counts }) => sum + counts, 0),
    sources: sourcesOf(used),
    bundles: listed,
    ...computedMembers(plugin, type, inner),
    contents,
    ...(nulls.length > 0 ? { _nulls: nulls.sort() } : {}),
    ...(cuts.length > 0 ? { _truncated: cuts.sort() } : {}),
  };
}

function sourcesOf(used: readonly Contribution[]) {
  const specs = Map.groupBy(used, ({ fqid }) => fqid.source.id);
  return [...specs]
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([id, all]) => ({ id, spec: all.map(({ fqid }) => fqid.source.spec).sort(byCodePoint)[0] }));
}

/** The first ones in the order of uuid, then version, then source. */
function bundlesOf(used: readonly Contribution[]) {
  return used
    .map(({ fqid }) => fqid)
    .sort(
      (a, b) =>
        byCodePoint(a.uuid, b.uuid) || byCodePoint(a.version, b.version) || byCodePoint(a.source.id, b.source.id),
    )
    .slice(0, maxListedBundles)
    .map(({ uuid, version }) => ({ uuid, version }));
}
