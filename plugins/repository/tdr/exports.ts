import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { uuidSchema } from '../../../core/config/identities.ts';
import { shownIssues } from '../../../core/config/issues.ts';
import { jsonTextOf, wholeJson } from '../../../core/config/text.ts';
import type { SnapshotRef, TableFiles } from './tables/tables.ts';

/** A snapshot whose tables lie in a folder as Parquet. */
export interface SnapshotExport extends SnapshotRef {
  readonly tables: TableFiles;
}

const manifestFile = 'manifest.json';
const maxBytes = 64 * 2 ** 20;

/** What the Terra Data Repository writes beside the files that it exports (specification, tdr 2.2). */
const manifestSchema = z.object({
  snapshot: z.object({ id: uuidSchema, name: z.string().min(1), dataProject: z.string().min(1) }),
  format: z.object({
    parquet: z.object({
      location: z.object({
        tables: z.array(z.object({ name: z.string().regex(/^\w{1,63}$/), paths: z.array(z.string()).min(1) })),
      }),
    }),
  }),
});

/**
 * The exports in a folder: each is a folder of its own, with the manifest that the repository gave and, beside it, each
 * file as `<table>/<table>-<number>.parquet`, as the repository calls it.
 *
 * @throws LazuliError `repository_unavailable`
 */
export async function readExports(folder: string): Promise<readonly SnapshotExport[]> {
  const found: SnapshotExport[] = [];
  try {
    for (const entry of (await readdir(folder, { withFileTypes: true })).toSorted(byName)) {
      const own = join(folder, entry.name);
      const manifest = entry.isDirectory() ? await manifestIn(own) : null;
      if (manifest !== null) found.push(await exportIn(own, manifest));
    }
  } catch (error) {
    if (error instanceof LazuliError) throw error;
    throw unusable(folder, (error as Error).message, error);
  }
  const twice = found.find(({ id }, i) => found.findIndex((other) => other.id === id) !== i);
  if (twice !== undefined) throw unusable(folder, `it has snapshot ${twice.name} (${twice.id}) twice`);
  return found;
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

/** @returns null where there is none */
async function manifestIn(folder: string): Promise<z.output<typeof manifestSchema> | null> {
  const path = join(folder, manifestFile);
  try {
    const { size } = await stat(path);
    if (size > maxBytes) throw unusable(path, `it has ${size} bytes; ${maxBytes} is the limit`);
    const result = manifestSchema.safeParse(wholeJson(jsonTextOf(await readFile(path))));
    if (!result.success) throw unusable(path, shownIssues(result.error));
    return result.data;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error instanceof LazuliError ? error : unusable(path, (error as Error).message, error);
  }
}

async function exportIn(
  folder: string,
  { snapshot, format }: z.output<typeof manifestSchema>,
): Promise<SnapshotExport> {
  const tables = new Map<string, readonly string[]>();
  for (const { name, paths } of format.parquet.location.tables) {
    const files = paths.map((path) => join(folder, name, fileName(folder, path)));
    for (const file of files)
      if (!(await isFile(file))) throw unusable(folder, `its manifest names ${file}, which is not there`);
    tables.set(name, files);
  }
  return { id: snapshot.id, name: snapshot.name, project: snapshot.dataProject, tables };
}

/** The last part of the path of a URL, signed or not: never a way out of the folder. */
function fileName(folder: string, url: string): string {
  const [path = ''] = url.split('?');
  const last = path.split('/').at(-1) ?? '';
  if (/^[\w.-]+\.parquet$/.test(last)) return last;
  throw unusable(folder, `its manifest names a file that is no Parquet: ${path.slice(0, 200)}`);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

const unusable = (where: string, why: string, cause?: unknown): LazuliError =>
  new LazuliError('repository_unavailable', `The snapshots in ${where} can't be used: ${why}`, {
    remedy: 'Correct the folder, or export the snapshot again; ingest goes on by itself.',
    ...(cause === undefined ? {} : { cause }),
  });
