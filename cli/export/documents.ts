import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { openStaging } from '../../core/deployment/stores.ts';
import { everything } from '../../core/documents/filter.ts';
import { text } from '../../core/duckdb/sql.ts';
import { type DocumentSnapshot, Snapshots } from '../../core/exports/snapshots.ts';
import type { SelectionParts } from '../../exports/selection/parts.ts';
import { Selection } from '../../exports/selection/selection.ts';
import { metadataPlugin } from '../../plugins/registry.ts';
import { inMegabytes } from '../manifest/progress.ts';
import { pathIn, placeWhole, requireFree, targetOf } from '../target.ts';
import { bar } from '../up/progress.ts';

/** Between two looks at how far it is. */
const lookMillis = 200;

/** What is to be written, and where. */
export interface WantedDocuments {
  readonly catalog: string;
  /** undefined: that of manifests */
  readonly entityType: string | undefined;
  /** as `targetOf` takes it */
  readonly target: string | undefined;
  readonly force: true | undefined;
}

/** What was written. */
export interface WrittenDocuments {
  readonly file: string;
  readonly bytes: number;
  readonly rows: number;
  readonly catalog: string;
  readonly entityType: string;
  readonly snapshot: Pick<DocumentSnapshot, 'number' | 'published'>;
}

/** Rows that are in memory together, and bytes of them; all that DuckDB may take. */
const rowGroup = { rows: 8192, megabytes: 64 };
const memoryBytes = 2 ** 30;

/**
 * Writes all documents of an entity type that the newest snapshot has.
 *
 * @param say how far it is
 * @throws LazuliError `usage`, `unavailable`, `staging_unavailable`
 */
export async function exportDocuments(
  settings: Settings,
  wanted: WantedDocuments,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<WrittenDocuments> {
  const { catalog, force } = wanted;
  const objects = await openStaging(settings);
  const snapshots = new Snapshots(objects, catalog);
  const newest = await snapshots.newest();
  if (newest === null) throw unpublished(catalog);
  const plugin = await metadataPlugin(settings.catalogs[catalog]?.plugins.metadata.name ?? '', settings);
  const entityType = publishedType(newest, wanted.entityType ?? plugin.manifests?.entityType);
  const file = fileOf(wanted.target, `${catalog}-${entityType}.parquet`);
  requireFree(file, force);
  const claim = { by: `export-${randomBytes(6).toString('hex')}`, now: Date.now() };
  const made = await snapshots.whileClaimed(newest.number, claim, async (snapshot) => {
    const limits = { memoryBytes, temporaryBytes: settings.exports.temporaryBytes, threads: 2 };
    const { number, published } = snapshot;
    const temporary = mkdtempSync(join(tmpdir(), 'lazuli-export-'));
    try {
      const from = { objects, catalog, plugin, entityType, snapshot, filter: everything, temporary, limits };
      const rows = await placeWhole(file, force, (part) => copy(from, part, signal, say));
      return { rows, snapshot: { number, published } };
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  });
  if (made === null) throw unpublished(catalog);
  return { file, bytes: statSync(file).size, catalog, entityType, ...made };
}

const settingsOfCopy = [
  // In order, much would wait in memory.
  'SET preserve_insertion_order = false',
  // DuckDB counts how far it is if it is to show that, which it is not.
  'SET enable_progress_bar_print = false',
  'SET enable_progress_bar = true',
  'SET progress_bar_time = 0',
];

/** @returns the number of documents */
async function copy(from: SelectionParts, file: string, signal: AbortSignal, say: (line: string) => void) {
  const selection = await Selection.open(from);
  const look = setInterval(() => say(progress(selection, file)), lookMillis);
  const interrupt = (): void => selection.interrupt();
  signal.addEventListener('abort', interrupt);
  try {
    for (const setting of settingsOfCopy) await selection.run(setting);
    signal.throwIfAborted();
    await selection.run(`COPY (SELECT * EXCLUDE ("commit", hash) FROM selected) TO ${text(file)} (FORMAT parquet,
      COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroup.rows}, ROW_GROUP_SIZE_BYTES '${rowGroup.megabytes}MB')`);
    return selection.rows;
  } finally {
    clearInterval(look);
    signal.removeEventListener('abort', interrupt);
    await selection.close();
  }
}

function progress({ percent, rows }: Selection, file: string): string {
  const written = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return `${bar({ done: percent, total: 100 })} ${Math.floor(percent)} % of ${rows} documents, ${inMegabytes(written)}`;
}

function publishedType({ catalog, types }: DocumentSnapshot, wanted: string | undefined): string {
  if (wanted !== undefined && Object.hasOwn(types, wanted)) return wanted;
  const what =
    wanted === undefined ? 'Documents of which entity type?' : `No documents '${wanted}' of ${catalog} are published.`;
  throw new LazuliError('usage', what, { remedy: `Name one with --entity-type: ${Object.keys(types).join(', ')}.` });
}

function fileOf(given: string | undefined, own: string): string {
  const target = targetOf(given);
  if (target.kind !== 'output') return pathIn(target, own);
  throw new LazuliError('usage', 'Parquet can not be written to standard output.', { remedy: 'Name a file with -o.' });
}

const unpublished = (catalog: string): LazuliError =>
  new LazuliError('unavailable', `No documents of catalog ${catalog} are published.`, {
    remedy: 'Wait until they are: `lazuli status` says so. Documents of a catalog without manifests never are.',
  });
