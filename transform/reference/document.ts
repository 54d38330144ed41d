import { byCodePoint } from '../../core/config/text.ts';
import { type KnownLimits, knownLimits, maxListedBundles, mostKnown } from '../../core/documents/cuts.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { computedMembers } from './computed.ts';
import { contentsOf, type Roles } from './contents.ts';
import type { Contribution } from './contribution.ts';
import { reconciled } from './reconcile.ts';

/** A document in natural JSON, with the paths of its nulls and cuts as the index has them. */
export interface Reduced {
  readonly entity_id: string;
  readonly contents: Roles;
  /** what filters know beyond what is shown; absent where there is none */
  readonly _rest?: Rest;
  readonly [member: string]: unknown;
}

/** As a document has it: absent members are empty. */
interface Rest {
  readonly contents?: Roles;
  readonly bundles?: readonly Bundle[];
}

type Bundle = Pick<BundleFqid, 'uuid' | 'version'>;

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
  known: KnownLimits = knownLimits,
): Reduced | null {
  const used = contributions.filter(({ selected }) => selected);
  if (used.length === 0) return null;
  const inner = reconciled(plugin, used);
  const { contents, nulls, cuts, rest } = contentsOf(plugin, type, inner, known);
  const bundles = bundlesOf(used);
  const most = mostKnown(maxListedBundles, known);
  if (bundles.length > maxListedBundles) {
    const total = Math.min(bundles.length, most + 1);
    cuts.push({ path: 'bundles', shown: maxListedBundles, total, found: bundles.length <= most });
  }
  return {
    entity_id: id,
    num_contributions: contributions.reduce((sum, { counts }) => sum + counts, 0),
    sources: sourcesOf(used),
    bundles: bundles.slice(0, maxListedBundles),
    ...computedMembers(plugin, type, inner),
    contents,
    ...(nulls.length > 0 ? { _nulls: nulls.sort() } : {}),
    ...(cuts.length > 0 ? { _truncated: cuts } : {}),
    ...restOf(rest, bundles.slice(maxListedBundles, most)),
  };
}

function sourcesOf(used: readonly Contribution[]) {
  const specs = Map.groupBy(used, ({ fqid }) => fqid.source.id);
  return [...specs]
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([id, all]) => ({ id, spec: all.map(({ fqid }) => fqid.source.spec).sort(byCodePoint)[0] }));
}

function restOf(contents: Roles, bundles: readonly Bundle[]): { readonly _rest?: Rest } {
  const rest = {
    ...(bundles.length > 0 ? { bundles } : {}),
    ...(Object.keys(contents).length > 0 ? { contents } : {}),
  };
  return Object.keys(rest).length > 0 ? { _rest: rest } : {};
}

/** In the order of uuid, then version, then source. */
function bundlesOf(used: readonly Contribution[]): readonly Bundle[] {
  return used
    .map(({ fqid }) => fqid)
    .sort(
      (a, b) =>
        byCodePoint(a.uuid, b.uuid) || byCodePoint(a.version, b.version) || byCodePoint(a.source.id, b.source.id),
    )
    .map(({ uuid, version }) => ({ uuid, version }));
}
