import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import type { Repository } from '../../../core/model/repository.ts';
import { sensitiveFindings } from '../../../plugins/battery/metadata.ts';
import { canned } from '../../../plugins/repository/canned/plugin.ts';
import { firstMismatch, mismatchText } from '../../../transform/reference/mismatch.ts';
import type { BundleFolder } from '../../up/bundle-folder.ts';
import { checkReassembly, type Normalized, nameOf, normalized } from './bundles.ts';
import { type Presented, presenter } from './documents.ts';
import type { Findings } from './finding.ts';
import { TrialCatalog } from './trial-catalog.ts';

/** What sample bundles come to. */
export interface Trial {
  /** bundles that were found, and those of them that could be staged */
  readonly bundles: number;
  readonly staged: number;
  /** by table */
  readonly rows: Readonly<Record<string, number>>;
  readonly types: ReadonlyMap<string, TriedType>;
}

export interface TriedType {
  readonly documents: number;
  /** the first one */
  readonly example: Presented;
}

/** Sample bundles that are looked at. */
const maxBundles = 1000;
/** in a batch: some, so that several batches are merged */
const batchBundles = 64;
/** of a bundle */
const maxBytes = 256 * 2 ** 20;
const fetchMillis = 60_000;

/**
 * Does with sample bundles what the pipeline does, in a temporary folder: normalizes, stages, puts together again,
 * aggregates by statements and by the reference reducer, presents.
 */
export async function tryBundles(plugin: MetadataPlugin, folder: BundleFolder, findings: Findings): Promise<Trial> {
  const catalog = await TrialCatalog.open(plugin);
  try {
    const repository = await canned.open({ folder: folder.folder }, []);
    const additions = folder.actions.filter(({ action }) => action === 'add');
    if (additions.length > maxBundles)
      findings.warn(folder.folder, `only the first ${maxBundles} bundles are looked at`, 'Give fewer samples.');
    const rows: Record<string, number> = {};
    let staged = 0;
    let unseen = plugin.sensitive ?? [];
    for (let i = 0; i < Math.min(additions.length, maxBundles); i += batchBundles) {
      const found = await normalizedOf(plugin, repository, additions.slice(i, i + batchBundles), findings);
      const contents = found.map((bundle) => bundle.contents);
      unseen = [...sensitiveFindings({ ...plugin, sensitive: unseen }, contents)].map(({ where }) => where);
      staged += await stageAll(plugin, catalog, found, findings);
      for (const { table } of found.flatMap(({ normalized: { rows: own } }) => own))
        rows[table] = (rows[table] ?? 0) + 1;
    }
    const types = await documentsOf(plugin, catalog, findings);
    if (staged > 0) {
      tellOfUnused(plugin, { rows, types }, findings);
      for (const { where, what, remedy } of sensitiveFindings({ ...plugin, sensitive: unseen }, []))
        findings.warn(where, what, remedy);
    }
    return { bundles: additions.length, staged, rows, types };
  } finally {
    await catalog.close();
  }
}

async function normalizedOf(
  plugin: MetadataPlugin,
  repository: Repository,
  bundles: BundleFolder['actions'],
  findings: Findings,
): Promise<readonly Normalized[]> {
  const found: Normalized[] = [];
  for (const { uuid, version, source } of bundles) {
    const fqid = { uuid, version, source };
    const fetched = await repository
      .fetchBundle(fqid, maxBytes, AbortSignal.timeout(fetchMillis))
      .catch((error: unknown) => {
        findings.thrown(nameOf(fqid), error);
        return null;
      });
    const one = fetched === null ? null : normalized(plugin, fqid, fetched, findings);
    if (one !== null) found.push(one);
  }
  return found;
}

/** @returns how many of them could be staged */
async function stageAll(
  plugin: MetadataPlugin,
  catalog: TrialCatalog,
  bundles: readonly Normalized[],
  findings: Findings,
): Promise<number> {
  const batch = catalog.batch();
  const byName = new Map<string, Normalized>();
  for (const bundle of bundles) {
    try {
      batch.add(bundle);
      byName.set(nameOf(bundle.fqid), bundle);
    } catch (error) {
      findings.thrown(nameOf(bundle.fqid), error);
    }
  }
  if (byName.size === 0) return 0;
  for await (const staged of catalog.staged(batch))
    checkReassembly(plugin, staged, byName.get(nameOf(staged.fqid)), findings);
  return byName.size;
}

async function documentsOf(
  plugin: MetadataPlugin,
  catalog: TrialCatalog,
  findings: Findings,
): Promise<ReadonlyMap<string, TriedType>> {
  const present = new Map(Object.keys(plugin.entityTypes).map((type) => [type, presenter(plugin, type, findings)]));
  const found = new Map<string, TriedType>();
  for await (const { type, id, source, expected } of catalog.documents()) {
    const mismatch = firstMismatch(source, expected);
    if (mismatch !== null)
      findings.error(
        `${type}/${id}`,
        `SQL and the reference reducer don't agree: ${mismatchText(id, mismatch)}`,
        'This is a fault of Lazuli: report it with the plug-in and the bundle.',
      );
    const example = present.get(type)?.(id, source);
    if (example === undefined) continue;
    const known = found.get(type);
    found.set(type, { documents: (known?.documents ?? 0) + 1, example: known?.example ?? example });
  }
  return found;
}

/** What is declared, and in no sample. */
function tellOfUnused(
  plugin: MetadataPlugin,
  { rows, types }: Pick<Trial, 'rows' | 'types'>,
  findings: Findings,
): void {
  const more = 'Add a bundle that has some, or correct `normalize`.';
  for (const type of Object.keys(plugin.entityTypes))
    if (!types.has(type)) findings.warn(type, `no sample bundle makes a document of entity type '${type}'`, more);
  for (const table of Object.keys(plugin.tables))
    if (rows[table] === undefined) findings.warn(table, `no sample bundle has a row of table '${table}'`, more);
}
