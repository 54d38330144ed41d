import { rowIdColumn, type TableName, tables } from '../../../plugins/repository/tdr/anvil/tables.ts';
import type { ExportedTable, Row } from './exports.ts';

export type AnvilRows = Readonly<Record<TableName, readonly Row[]>>;

const numbers = /_(lower|upper)_bound$/;

/** The tables of a snapshot with such rows. */
export const anvilTables = (
  rows: Readonly<Partial<Record<string, readonly Row[]>>>,
): Readonly<Record<string, ExportedTable>> =>
  Object.fromEntries(
    Object.entries(tables).map(([table, { columns, lists }]) => {
      const type = (column: string): string => {
        if ((lists as readonly string[]).includes(column)) return 'VARCHAR[]';
        if (numbers.test(column)) return 'DOUBLE';
        if (column === 'file_size') return 'BIGINT';
        return column === 'is_supplementary' ? 'BOOLEAN' : 'VARCHAR';
      };
      const types = Object.fromEntries(columns.map((column) => [column, type(column)]));
      return [table, { columns: types, rows: rows[table] ?? [] }];
    }),
  );

const version = '2022-06-01T00:00:00.000000Z';

/** A link, with what it joins in the order of text. */
export interface Link {
  readonly inputs: readonly string[];
  readonly activity: string | null;
  readonly outputs: readonly string[];
}

export interface AnvilBundle {
  readonly entities: Readonly<Record<string, Row>>;
  readonly links: readonly Link[];
}

interface KeyLink {
  readonly inputs: Set<string>;
  readonly activity: string | null;
  readonly outputs: Set<string>;
}

const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value : []);

/**
 * A primary bundle by plain searching, key after key (specification, repository-plugins 6).
 *
 * @throws Error where rows are missing, there more than once, or of another dataset
 */
export function anvilBundle(rows: AnvilRows, biosample: string): AnvilBundle {
  const keyOf = (table: TableName, row: Row): string => `${table}/${String(row[tables[table].key])}`;
  const activities = (Object.keys(tables) as TableName[]).filter((table) => table.endsWith('activity'));
  const each = activities.flatMap((table) => rows[table].map((row) => ({ key: keyOf(table, row), row })));
  const files = (row: Row, column: string) => list(row[column]).map((key) => `anvil_file/${key}`);
  const used = (row: Row) => [
    ...files(row, 'used_file_id'),
    ...list(row.used_biosample_id).map((key) => `anvil_biosample/${key}`),
  ];
  const links: KeyLink[] = [];
  const found = new Set([`anvil_biosample/${biosample}`]);
  const queue = [...found];
  const find = (keys: Iterable<string>): void => {
    for (const key of keys) {
      if (found.has(key)) continue;
      found.add(key);
      queue.push(key);
    }
  };
  for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
    for (const { key: activity, row } of each) {
      if (!used(row).includes(key)) continue;
      const outputs = files(row, 'generated_file_id');
      links.push({ inputs: new Set([key]), activity, outputs: new Set(outputs) });
      find([activity, ...outputs]);
    }
  }
  queue.push(...found);
  for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
    const [table, own] = split(key);
    for (const { key: activity, row } of each) {
      if (!files(row, 'generated_file_id').includes(key)) continue;
      links.push({ inputs: new Set(used(row)), activity, outputs: new Set([key]) });
      find([activity, ...used(row)]);
    }
    const parents: string[] = [];
    if (table === 'anvil_biosample') {
      for (const row of rows.anvil_biosample.filter((one) => one.biosample_id === own)) {
        if (list(row.part_of_dataset_id).length !== 1) throw new Error(`${key} is not of one dataset`);
        parents.push(...list(row.part_of_dataset_id).map((one) => `anvil_dataset/${one}`));
        parents.push(...list(row.donor_id).map((one) => `anvil_donor/${one}`));
      }
    }
    if (table === 'anvil_donor')
      parents.push(
        ...rows.anvil_diagnosis.filter((row) => row.donor_id === own).map((row) => keyOf('anvil_diagnosis', row)),
      );
    for (const parent of parents) links.push({ inputs: new Set([parent]), activity: null, outputs: new Set([key]) });
    find(parents);
  }
  const named = new Map([...found].map((key) => [key, theRow(rows, key)] as const));
  const datasets = [...found].filter((key) => key.startsWith('anvil_dataset/'));
  for (const key of found) {
    const [table] = split(key);
    if (table === 'anvil_donor' && !datasets.includes(`anvil_dataset/${named.get(key)?.part_of_dataset_id}`))
      throw new Error(`${key} is of another dataset`);
  }
  const called = (key: string): string => `${split(key)[0]}/${named.get(key)?.[rowIdColumn]}`;
  const entities = [...named].map(([key, row]) => [called(key), entity(split(key)[0], row)] as const);
  return { entities: Object.fromEntries(entities), links: merged(links).map((link) => renamed(link, called)) };
}

const split = (key: string): [TableName, string] => {
  const slash = key.indexOf('/');
  return [key.slice(0, slash) as TableName, key.slice(slash + 1)];
};

function theRow(rows: AnvilRows, key: string): Row {
  const [table, own] = split(key);
  const [row, ...others] = rows[table].filter((one) => one[tables[table].key] === own);
  if (row === undefined || others.length > 0) throw new Error(`${key} has not one row`);
  return row;
}

function entity(table: TableName, row: Row): Row {
  const { columns, lists } = tables[table];
  const values = columns.map((column) => {
    const isList = (lists as readonly string[]).includes(column);
    return [column, isList ? [...list(row[column])].sort() : (row[column] ?? null)];
  });
  const added = table === 'anvil_file' ? { drs_uri: row.file_ref, sha256: '', crc32: '' } : {};
  return { ...Object.fromEntries(values), version, ...added };
}

function merged(links: readonly KeyLink[]): readonly KeyLink[] {
  const byActivity = new Map<string, KeyLink>();
  const others = new Map<string, KeyLink>();
  for (const link of links) {
    if (link.activity === null) {
      others.set(JSON.stringify([[...link.inputs], [...link.outputs]]), link);
      continue;
    }
    const known = byActivity.get(link.activity) ?? { inputs: new Set(), activity: link.activity, outputs: new Set() };
    for (const one of link.inputs) known.inputs.add(one);
    for (const one of link.outputs) known.outputs.add(one);
    byActivity.set(link.activity, known);
  }
  return [...byActivity.values(), ...others.values()];
}

const renamed = ({ inputs, activity, outputs }: KeyLink, called: (key: string) => string): Link => ({
  inputs: [...inputs].map(called).sort(),
  activity: activity === null ? null : called(activity),
  outputs: [...outputs].map(called).sort(),
});
