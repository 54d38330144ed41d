import { name } from '../../../core/duckdb/sql.ts';
import { type FormatJob, shapeOf } from '../format.ts';

/** Characters of the name of a thing that go into the name of a file. */
const maxCharacters = 100;

/**
 * What the download of a table is called that is about one thing only, such as a project: its name and the moment
 * (specification, manifests 2.5).
 *
 * @returns null where it is about none or several
 */
export async function tableName({ selection, moment }: FormatJob, extension: string): Promise<string | null> {
  const { calledBy } = shapeOf(selection);
  if (calledBy === undefined) return null;
  const names: string[] = [];
  const sql = `SELECT DISTINCT one FROM (SELECT unnest(${name(calledBy)})::VARCHAR AS one FROM selected)
    WHERE one IS NOT NULL LIMIT 2`;
  for await (const rows of selection.stream(sql)) names.push(...rows.map(({ one }) => String(one)));
  const [only = '', ...others] = names.map(safeName);
  if (only === '' || others.length > 0) return null;
  const [day, time] = moment.toISOString().slice(0, 16).split('T');
  return `${only} ${day} ${time?.replace(':', '.')}.${extension}`;
}

/** As much of a name as any system takes in the name of a file. */
function safeName(called: string): string {
  const plain = called.normalize('NFKD').replace(/[^\p{L}\p{N}_ ,.@%&()[\]{}-]/gu, '_');
  return [...plain].slice(0, maxCharacters).join('').trim();
}
