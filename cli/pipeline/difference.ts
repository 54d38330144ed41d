import type { Settings } from '../../core/config/settings.ts';
import { isWithin, type Restriction, type SourceRef } from '../../core/config/sources.ts';
import { byCodePoint } from '../../core/config/text.ts';
import { openStaging } from '../../core/deployment/stores.ts';
import { name } from '../../core/duckdb/sql.ts';
import type { Repository } from '../../core/model/repository.ts';
import { StagedBatches } from '../../core/staged/batches.ts';
import { bundlesTable } from '../../core/staged/layout.ts';
import { SqlSession } from '../sql/session.ts';
import { repositoryOf, together } from './repository.ts';

/** How what the repository lists of a source differs from what is staged and counts; numbers of bundles. */
export interface SourceDifference {
  readonly source: string;
  readonly spec: string;
  readonly listed: number;
  readonly staged: number;
  /** listed, and not staged, or deleted */
  readonly missing: number;
  /** listed in another version than the one that counts */
  readonly other: number;
  /** staged, and not listed */
  readonly gone: number;
}

/** Versions by uuid in lower case, of one source. */
interface Bundles {
  readonly ref: SourceRef;
  readonly versions: Map<string, string>;
}

/** Compares newest versions. Nothing is changed, and no worker asked. */
export async function compareWithRepository(
  settings: Settings,
  catalog: string,
  restriction: Restriction,
): Promise<readonly SourceDifference[]> {
  const repository = await repositoryOf(settings, catalog);
  const [listed, staged] = await together(
    (signal) => listedBundles(repository, restriction, signal),
    () => stagedBundles(settings, catalog, restriction),
  );
  const ids = [...new Set([...listed.keys(), ...staged.keys()])].sort();
  return ids.map((id) => difference(id, listed.get(id), staged.get(id)));
}

function difference(source: string, listed: Bundles | undefined, staged: Bundles | undefined): SourceDifference {
  const [there, here] = [listed?.versions ?? new Map<string, string>(), staged?.versions ?? new Map<string, string>()];
  let [missing, other] = [0, 0];
  for (const [uuid, version] of there) {
    const known = here.get(uuid);
    if (known === undefined) missing++;
    else if (known !== version) other++;
  }
  const gone = [...here.keys()].filter((uuid) => !there.has(uuid)).length;
  const spec = listed?.ref.spec ?? staged?.ref.spec ?? '';
  return { source, spec, listed: there.size, staged: here.size, missing, other, gone };
}

async function listedBundles(repository: Repository, restriction: Restriction, signal: AbortSignal) {
  const sources = (await repository.listSources(signal)).filter((source) => isWithin(source, restriction));
  const found = new Map<string, Bundles>();
  for (const ref of sources) {
    const versions = new Map<string, string>();
    for await (const { uuid, version } of repository.listBundles(ref, restriction.prefix, signal)) {
      const key = uuid.toLowerCase();
      if (byCodePoint(versions.get(key) ?? '', version) < 0) versions.set(key, version);
    }
    found.set(ref.id, { ref, versions });
  }
  return found;
}

/** The newest version of each bundle that isn't deleted (architecture, invariant 4). */
async function stagedBundles(settings: Settings, catalog: string, restriction: Restriction) {
  const manifests = await new StagedBatches(await openStaging(settings), catalog).read();
  const found = new Map<string, Bundles>();
  if (!manifests.some(({ tables }) => tables[bundlesTable.name] !== undefined)) return found;
  const session = await SqlSession.open(settings);
  const sameVersion = 'source_id, bundle_uuid, bundle_version';
  const { rows } = await session
    .run(`WITH b AS (FROM ${name(catalog)}.${name(bundlesTable.name)}), restores AS (
        SELECT ${sameVersion}, max(number) AS number FROM b WHERE action = 'restore' GROUP BY ALL),
      masks AS (SELECT d.* FROM b d LEFT JOIN restores r USING (${sameVersion}) WHERE d.action = 'delete' AND d.number > coalesce(r.number, 0))
      SELECT source_id, any_value(source_spec), lower(bundle_uuid) AS uuid, max(bundle_version)
      FROM b ANTI JOIN masks USING (${sameVersion}) WHERE action = 'add' GROUP BY source_id, uuid`)
    .finally(() => session.close());
  for (const [id, spec, uuid, version] of rows.map((row) => row.map(String) as [string, string, string, string])) {
    if (!isWithin({ id, spec }, restriction) || !uuid.startsWith(restriction.prefix)) continue;
    const bundles = found.get(id) ?? { ref: { id, spec }, versions: new Map<string, string>() };
    bundles.versions.set(uuid, version);
    found.set(id, bundles);
  }
  return found;
}
