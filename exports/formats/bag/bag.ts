import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LazuliError } from '../../../core/config/errors.ts';
import type { BagShape } from '../../../core/model/manifests.ts';
import { type FormatJob, numberOf, type Selection, shapeOf, type Written } from '../format.ts';
import { type Payload, writeBag } from './bagit.ts';
import { bagColumns, maxColumns, type Qualifier } from './columns.ts';
import { dropRedundant, makeLinks } from './links.ts';
import { participants } from './participants.ts';

/** Bytes of the table. */
const maxBytes = 10 * 2 ** 30;

/** A bag with one table, of bundles, as a ZIP file (specification, manifests 6). */
export async function writeBdbag(job: FormatJob): Promise<Written> {
  const { selection, file, moment, signal, onProgress } = job;
  const bag = bagOf(selection);
  await makeLinks(job, bag);
  await dropRedundant(selection);
  const columns = bagColumns(job, bag, await qualifiersOf(selection));
  const payload = await writeTable(join(selection.temporary, 'participants.tsv'), participants(job, columns), signal);
  await writeBag(file, payload, moment);
  const rows = await numberOf(selection, 'SELECT count(*)::INTEGER AS n FROM bag_bundles');
  for (const table of ['bag_links', 'bag_bundles']) await selection.run(`DROP TABLE ${table}`);
  onProgress(selection.rows);
  return { rows, name: null };
}

function bagOf(selection: Selection): BagShape {
  const { bag } = shapeOf(selection);
  if (bag === undefined) throw new TypeError(`Metadata plug-in '${selection.plugin.name}' declares no bag`);
  return bag;
}

/** One more than there can be columns for stands for any more. */
async function qualifiersOf(selection: Selection): Promise<readonly Qualifier[]> {
  const found: Qualifier[] = [];
  const sql = `SELECT qualifier, max(files)::INTEGER AS files
    FROM (SELECT qualifier, count(*) AS files FROM bag_links GROUP BY bundle, qualifier)
    GROUP BY qualifier ORDER BY qualifier LIMIT ${maxColumns + 1}`;
  for await (const rows of selection.stream(sql)) found.push(...(rows as unknown as readonly Qualifier[]));
  return found;
}

/** @throws LazuliError `export_too_large` */
async function writeTable(file: string, lines: AsyncIterable<string>, signal: AbortSignal): Promise<Payload> {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  let bytes = 0;
  async function* summed(): AsyncGenerator<Buffer> {
    for await (const line of lines) {
      const encoded = Buffer.from(line);
      bytes += encoded.length;
      if (bytes > maxBytes) throw tooLarge();
      md5.update(encoded);
      sha256.update(encoded);
      yield encoded;
    }
  }
  await writeFile(file, summed(), { signal });
  return { file, bytes, md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

const tooLarge = (): LazuliError =>
  new LazuliError('export_too_large', `The table of the bag has more than ${maxBytes / 2 ** 30} GiB`, {
    remedy: 'Select fewer files, or export to another format.',
  });
