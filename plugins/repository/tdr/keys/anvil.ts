import { activityTables, rowIdColumn, type TableName, tables } from '../anvil/tables.ts';
import { type FoundRow, type KeySearch, Keys, type Needed, type RowsByKey, type Selection } from './rows-by-key.ts';

const [biosample, donor, diagnosis, file] = [
  'anvil_biosample',
  'anvil_donor',
  'anvil_diagnosis',
  'anvil_file',
] as const;

const isActivity = (table: TableName): boolean => activityTables.includes(table);
const ifIn = (table: TableName, column: string): string | null =>
  (tables[table].columns as readonly string[]).includes(column) ? column : null;

/** Activities that use what is asked for, with what they make. */
const usersBy = (column: string): readonly Selection[] =>
  activityTables
    .filter((table) => ifIn(table, column) !== null)
    .map((table) => ({ table, columns: [tables[table].key, 'generated_file_id'], column, match: 'has' }));

const usersOf = { [biosample]: usersBy('used_biosample_id'), [file]: usersBy('used_file_id') } as const;
/** Activities that make files, with what they use. */
const makersOf: readonly Selection[] = activityTables.map((table) => ({
  table,
  columns: [tables[table].key, ifIn(table, 'used_file_id'), ifIn(table, 'used_biosample_id')],
  ...{ column: 'generated_file_id', match: 'has' },
}));
const rootsOf: readonly Selection[] = [biosample, file].map((table) => ({
  ...{ table, columns: [tables[table].key], column: rowIdColumn, match: 'is' },
}));
const parentsOf: readonly Selection[] = [
  { table: biosample, columns: ['donor_id'], column: tables[biosample].key, match: 'is' },
];
const diagnosesOf: readonly Selection[] = [
  { table: diagnosis, columns: [tables[diagnosis].key], column: 'donor_id', match: 'is' },
];

/** Searches by keys, a round by a query or two: downstream, then upstream from all of that (specification, repository-plugins 6). */
export const anvilKeys: KeySearch = async (uuids, rows) => {
  const search = new Search(rows);
  await search.begin(uuids);
  await search.goDown();
  await search.goUp();
  return search.needed();
};

/** Uuids of bundles are row ids of another version. */
const rowIdOf = (uuid: string): string => `${uuid.slice(0, 14)}4${uuid.slice(15)}`;
const listOf = (value: FoundRow['values'][number] | undefined): readonly string[] =>
  typeof value === 'object' && value !== null ? value : [];

class Search {
  readonly #rows: RowsByKey;
  readonly #keys = new Keys();
  /** found downstream, with those that bundles begin with */
  readonly #lower: [typeof biosample | typeof file, string][] = [];

  constructor(rows: RowsByKey) {
    this.#rows = rows;
  }

  /** A file that a bundle begins with isn't searched from. */
  async begin(uuids: readonly string[]): Promise<void> {
    for (const { table, values } of await this.#rows.find(rootsOf, uuids.map(rowIdOf))) {
      const [key] = values;
      if (typeof key !== 'string' || !this.#keys.add(table, key)) continue;
      if (table === biosample) this.#lower.push([biosample, key]);
    }
  }

  async goDown(): Promise<void> {
    const seen = new Set<string>();
    for (let next = 0; next < this.#lower.length; ) {
      const round = this.#lower.slice(next);
      next = this.#lower.length;
      for (const table of [biosample, file] as const) {
        const keys = round.filter(([one]) => one === table).map(([, key]) => key);
        for (const { values } of await this.#found(usersOf[table], keys))
          for (const made of listOf(values[1])) {
            this.#keys.add(file, made);
            if (seen.has(made)) continue;
            seen.add(made);
            this.#lower.push([file, made]);
          }
      }
    }
  }

  async goUp(): Promise<void> {
    const seen = new Keys();
    let round: (readonly [string, string])[] = [];
    const add = (table: string, keys: readonly string[]): void => {
      for (const key of keys) {
        this.#keys.add(table, key);
        if (seen.add(table, key)) round.push([table, key]);
      }
    };
    for (const [table, key] of this.#lower) add(table, [key]);
    while (round.length > 0) {
      const asked = Map.groupBy(round, ([table]) => table);
      const keys = (table: string): readonly string[] => (asked.get(table) ?? []).map(([, key]) => key);
      round = [];
      for (const { values } of await this.#found(makersOf, keys(file))) {
        add(file, listOf(values[1]));
        add(biosample, listOf(values[2]));
      }
      for (const { values } of await this.#found(parentsOf, keys(biosample))) add(donor, listOf(values[0]));
      await this.#found(diagnosesOf, keys(donor));
    }
  }

  /** Datasets are few, and what is wrong with their number is wrong with a bundle. */
  needed(): ReadonlyMap<string, Needed> {
    const needed = new Map<string, Needed>();
    for (const [table, ids] of this.#keys.tables) needed.set(table, { column: tables[table as TableName].key, ids });
    return needed.set('anvil_dataset', 'all');
  }

  /** Activities and diagnoses that are found are needed. */
  async #found(selections: readonly Selection[], keys: readonly string[]): Promise<readonly FoundRow[]> {
    if (keys.length === 0) return [];
    const found = await this.#rows.find(selections, keys);
    for (const { table, values } of found) {
      const [key] = values;
      if (typeof key === 'string' && (table === diagnosis || isActivity(table as TableName)))
        this.#keys.add(table, key);
    }
    return found;
  }
}
