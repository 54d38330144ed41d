import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parsedJson } from '../../../core/config/text.ts';
import type { Ordered } from '../copied.ts';
import type { FormatJob, Written } from '../format.ts';
import { documentOrder, inOrder } from '../spool.ts';
import { makePaths, pathsTable } from './paths.ts';

/** What all downloads have in common (specification, manifests 5.1). */
const head = [
  '--create-dirs',
  '--compressed',
  '--location',
  '--globoff',
  '--fail',
  '--write-out "Downloading to: %{filename_effective}\\n\\n"',
]
  .map((option) => `${option}\n\n`)
  .join('');

/** A file that has `curl --config` download all files. */
export async function writeCurl(job: FormatJob): Promise<Written> {
  const { selection, file, signal, onProgress } = job;
  await makePaths(job);
  let rows = 0;
  async function* stanzas(): AsyncGenerator<string> {
    yield head;
    for await (const found of inOrder(selection, files, join(selection.temporary, 'stanzas'))) {
      rows += found.length;
      yield found.map((one) => stanza(job, parsedJson(one) as FileRow)).join('');
      onProgress(Math.min(rows, selection.rows));
    }
  }
  await writeFile(file, stanzas(), { signal });
  await selection.run(`DROP TABLE ${pathsTable}`);
  return { rows, name: null };
}

/** Rows as JSON of `FileRow`. */
const files: Ordered = {
  id: documentOrder('part'),
  value: `to_json(struct_pack(part := part, uuid := uuid, version := version, file := file, location := location, path := path))::VARCHAR`,
  from: pathsTable,
};

interface FileRow {
  readonly part: number;
  readonly uuid: string;
  readonly version: string;
  readonly file: string;
  readonly location: string | null;
  readonly path: string;
}

function stanza({ catalog, baseUrl }: FormatJob, { part, uuid, version, file, location, path }: FileRow): string {
  if (location === null)
    return `# File '${uuid}', version '${version}' is currently not available in catalog '${catalog}'.\n\n`;
  const query = [
    ['catalog', catalog],
    ['version', version],
    // Related files have no documents, so the service is told all that it needs.
    ...(part === 0
      ? []
      : [
          ['requestIndex', '1'],
          ['fileName', file],
          ['drsUri', location],
        ]),
  ].map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`);
  const url = `${baseUrl}/repository/files/${encodeURIComponent(uuid)}?${query.join('&')}`;
  return `url=${quoted(url)}\noutput=${quoted(path)}\n\n`;
}

/** As curl reads it in a file of options. */
const quoted = (value: string): string => `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
