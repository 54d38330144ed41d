import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Settings } from '../../core/config/settings.ts';
import { isWithin, type Restriction, type SourceRef } from '../../core/config/sources.ts';
import { openStaging } from '../../core/deployment/stores.ts';
import { name } from '../../core/duckdb/sql.ts';
import { StagedBatches } from '../../core/staged/batches.ts';
import { bundlesTable } from '../../core/staged/layout.ts';
import { SqlSession } from '../sql/session.ts';
import { parsedLine } from './lines.ts';

/** A bundle of a source with all its versions that are staged. */
export interface StagedBundle {
  readonly source: SourceRef;
  /** in lower case */
  readonly uuid: string;
  readonly versions: readonly StagedVersion[];
}

export interface StagedVersion {
  readonly version: string;
  /** whether a deletion makes it not count (architecture, invariant 4) */
  readonly deleted: boolean;
}

const lineSchema = z.tuple([z.string(), z.string(), z.string(), z.string(), z.boolean()]);
type Line = z.output<typeof lineSchema>;

/**
 * Writes down which versions are staged at this moment, in the order of sources and uuids: staged files that are merged later
 * don't matter then, nor how many there are.
 *
 * @param file a new one
 * @throws LazuliError `batch_damaged`, `staging_unavailable`
 */
export async function writeStaged(
  settings: Settings,
  catalog: string,
  restriction: Restriction,
  file: string,
): Promise<void> {
  const manifests = await new StagedBatches(await openStaging(settings), catalog).read();
  const isEmpty = !manifests.some(({ tables }) => tables[bundlesTable.name] !== undefined);
  const session = isEmpty ? null : await SqlSession.open(settings);
  try {
    const lines = session === null ? [] : linesOf(session, catalog, restriction);
    await pipeline(lines, createWriteStream(file, { flags: 'wx' }));
  } finally {
    session?.close();
  }
}

async function* linesOf(session: SqlSession, catalog: string, restriction: Restriction): AsyncGenerator<string> {
  const { rows } = await session.stream(`WITH v AS (
      SELECT source_id AS id, max(source_spec) AS spec, lower(bundle_uuid) AS uuid, bundle_version AS version,
        bool_or(action = 'add') AS added,
        coalesce(max(number) FILTER (action = 'delete'), 0) > coalesce(max(number) FILTER (action = 'restore'), 0) AS deleted
      FROM ${name(catalog)}.${name(bundlesTable.name)} GROUP BY id, uuid, version)
    SELECT id, spec, uuid, version, deleted FROM v WHERE added OR deleted ORDER BY id, uuid, version`);
  for await (const part of rows()) yield part.map((row) => lineOf(row, restriction)).join('');
}

function lineOf(row: readonly unknown[], restriction: Restriction): string {
  const [id, spec, uuid] = row.map(String) as [string, string, string];
  const isWanted = isWithin({ id, spec }, restriction) && uuid.startsWith(restriction.prefix);
  return isWanted ? `${JSON.stringify(row)}\n` : '';
}

/** What was written down, bundle by bundle. */
export async function* readStaged(file: string): AsyncGenerator<StagedBundle> {
  let bundle: (StagedBundle & { readonly versions: StagedVersion[] }) | null = null;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    const [id, spec, uuid, version, deleted]: Line = parsedLine(text, lineSchema);
    if (bundle === null || bundle.uuid !== uuid || bundle.source.id !== id) {
      if (bundle !== null) yield bundle;
      bundle = { source: { id, spec }, uuid, versions: [] };
    }
    bundle.versions.push({ version, deleted });
  }
  if (bundle !== null) yield bundle;
}
