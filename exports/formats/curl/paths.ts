import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { name, text } from '../../../core/duckdb/sql.ts';
import { type FormatJob, numberOf, shapeOf } from '../format.ts';
import { relatedValue } from '../table/columns.ts';
import { relatedFiles } from '../table/rows.ts';
import { isPlain, safePath } from './safe-path.ts';

/** The table that `makePaths` makes: a row for each file, related ones too. */
export const pathsTable = 'curl_paths';

/** Rounds in which files that would have the same path get numbers; each makes their names longer. */
const maxRounds = 50;

/**
 * Works out where files go: to the folder of the newest of their bundles, under their own name. Made in the table
 * `curl_paths (entity_id, part, uuid, version, file, location, path, numbered)`, whose paths differ, for systems too that
 * don't tell upper from lower case.
 */
export async function makePaths(job: FormatJob): Promise<void> {
  const { selection } = job;
  await selection.run(`CREATE OR REPLACE TABLE curl_files AS ${await filesSql(job)}`);
  const names = await safeNames(job);
  await selection.run(`CREATE OR REPLACE TABLE ${pathsTable} AS
    SELECT f.* EXCLUDE (bundle), concat(bundle, '/', coalesce(nullif(coalesce(s.safe, file), ''), uuid)) AS path, false AS numbered
    FROM curl_files f LEFT JOIN read_json(${text(names)}, format = 'newline_delimited', columns = {name: 'VARCHAR', safe: 'VARCHAR'}) s
      ON s.name = f.file`);
  await selection.run('DROP TABLE curl_files');
  for (let round = 0; round < maxRounds && (await duplicates(job)) > 0; round++) await selection.run(renumbered);
}

async function filesSql({ selection }: FormatJob): Promise<string> {
  const { role, uuid, version, name: called, location } = shapeOf(selection).file;
  const select = (part: string, value: (field: string) => string): string =>
    `SELECT entity_id, ${part} AS part, ${value(uuid)} AS uuid, ${value(version)} AS version,
      coalesce(${value(called)}, '') AS file, ${value(location)} AS location, ${newestBundle} AS bundle`;
  const own = `${select('0', (field) => name(`${role}.${field}`))} FROM selected`;
  const related = await relatedFiles(selection);
  if (related === null) return own;
  return `${own} UNION ALL ${select('part', (field) => relatedValue(field, 'string', false))} FROM (${related.sql})`;
}

/** By version, then uuid. */
const newestBundle = `list_sort(list_zip(bundle_versions, bundle_uuids), 'DESC')[1][2]`;

/** @returns a file with names that have to be changed, and what becomes of them */
async function safeNames({ selection, signal }: FormatJob): Promise<string> {
  const file = join(selection.temporary, 'safe-names.jsonl');
  async function* lines(): AsyncGenerator<string> {
    const odd = selection.stream(`SELECT DISTINCT file FROM curl_files WHERE NOT (${isPlain('file')})`);
    for await (const rows of odd)
      yield rows.map((row) => `${JSON.stringify({ name: row.file, safe: safePath(String(row.file)) })}\n`).join('');
  }
  await pipeline(Readable.from(lines()), createWriteStream(file), { signal });
  return file;
}

const folded = 'lower(nfc_normalize(path))';

const duplicates = ({ selection }: FormatJob): Promise<number> =>
  numberOf(selection, `SELECT (count(*) - count(DISTINCT ${folded}))::DOUBLE AS n FROM ${pathsTable}`);

/** Of files with one path the first keeps it, one that has no number yet if possible. */
const renumbered = `CREATE OR REPLACE TABLE ${pathsTable} AS
  SELECT * EXCLUDE (path, numbered, rank),
    CASE WHEN rank = 0 THEN path ELSE regexp_replace(path, '([^/.])((?:[.][A-Za-z0-9]{1,12}){0,2})$', '\\1 (' || rank || ')\\2') END AS path,
    numbered OR rank > 0 AS numbered
  FROM (SELECT *, row_number() OVER (PARTITION BY ${folded} ORDER BY numbered, entity_id, part) - 1 AS rank FROM ${pathsTable})`;
