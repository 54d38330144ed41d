import type { KeySearch, RowsByKey } from '../../../plugins/repository/tdr/keys/rows-by-key.ts';
import type { BundleName } from '../../../plugins/repository/tdr/snapshot.ts';
import type { ExportedTable, Row } from './exports.ts';
import { outcomeIn, withSnapshot } from './opened.ts';

type Tables = Readonly<Record<string, ExportedTable>>;

/** The rows of tables that a search finds for some bundles, without BigQuery. */
async function foundByKey(tables: Tables, search: KeySearch, uuids: readonly string[]): Promise<Tables> {
  const needed = await search(uuids, rowsOf(tables));
  const found: Record<string, ExportedTable> = {};
  for (const [name, table] of Object.entries(tables)) {
    const own = needed.get(name);
    const rows = table.rows.filter((row) => own === 'all' || own?.ids.has(textOf(row[own.column])));
    found[name] = { ...table, rows };
  }
  return found;
}

/** What comes of a bundle where nothing is read but rows that are found by keys. */
export async function outcomeByKey(tables: Tables, search: KeySearch, root: BundleName): Promise<unknown> {
  const few = await foundByKey(tables, search, [root.uuid]);
  return withSnapshot(few, (snapshot) => outcomeIn(snapshot, root));
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value : []);

const rowsOf = (tables: Tables): RowsByKey => ({
  async find(selections, ids) {
    const wanted = new Set(ids);
    return selections.flatMap(({ table, columns, column, match }) =>
      (tables[table]?.rows ?? [])
        .filter((row) => valuesOf(row[column], match).some((value) => wanted.has(value)))
        .map((row) => ({ table, values: columns.map((one) => wireOf(row, one, tables[table])) })),
    );
  },
});

function wireOf(row: Row, column: string | null, table: ExportedTable | undefined) {
  if (column === null || table?.columns[column] === 'VARCHAR[]') return listOf(row[column ?? '']);
  const value = row[column] ?? null;
  return value === null ? null : String(value);
}

function valuesOf(value: unknown, match: 'is' | 'has' | 'makes'): readonly string[] {
  if (match === 'is') return typeof value === 'string' ? [value] : [];
  if (match === 'has') return listOf(value);
  try {
    const { links } = JSON.parse(String(value)) as { links: readonly { outputs?: readonly { output_id: string }[] }[] };
    return links.flatMap(({ outputs = [] }) => outputs.map((output) => output.output_id));
  } catch {
    return [];
  }
}
