import { ages, type Kind, tables } from '../declared/tables.ts';
import type { Row, Value } from '../read/row.ts';
import { descriptionColumn, isActivity, shapeOf, type TableName } from '../schema.ts';

type Values = Readonly<Record<string, unknown>>;

const kinds: ReadonlyMap<TableName, Kind> = new Map([
  ['anvil_biosample', 'biosamples'],
  ['anvil_dataset', 'datasets'],
  ['anvil_diagnosis', 'diagnoses'],
  ['anvil_donor', 'donors'],
  ['anvil_file', 'files'],
]);

/** What rows of a table are in documents; undefined where no document shows them. */
export const kindOf = (table: TableName): Kind | undefined => (isActivity(table) ? 'activities' : kinds.get(table));

/** Whether the row is the stub of a dataset that is registered with DUOS. */
export const isStub = (row: Row): boolean => row.table === 'anvil_dataset' && row.has(descriptionColumn);

/**
 * Values of the columns that documents show (specification, plugin-anvil 4).
 *
 * @throws LazuliError `bundle_invalid` where one is missing that the table has
 */
export function valuesOf(row: Row, kind: Kind): Values {
  if (kind === 'activities') return activity(row);
  if (kind === 'datasets') return dataset(row);
  return kind === 'files' ? file(row) : columns(row, names[kind]);
}

/** Columns by kind. */
const names = Object.fromEntries(
  Object.entries(tables).map(([kind, { columns: own }]) => [kind, Object.keys(own)]),
) as unknown as Readonly<Record<Kind, readonly string[]>>;

function columns(row: Row, wanted: readonly string[]): Values {
  const values: Record<string, unknown> = {};
  for (const name of wanted) values[name] = columnOf(row, name);
  return values;
}

const agesByOrder: ReadonlyMap<string, string> = new Map(Object.entries(ages).map(([age, order]) => [order, age]));

function columnOf(row: Row, column: string): unknown {
  if (column in ages) return row.range(column);
  const age = agesByOrder.get(column);
  if (age === undefined) return row.value(column);
  const [low, high] = row.range(age) ?? [null, null];
  return low ?? high;
}

/** The five tables of activities have some columns each. */
function activity(row: Row): Values {
  return {
    source_datarepo_row_ids: listed(row.optional('source_datarepo_row_ids', [])),
    activity_id: row.primaryKey,
    activity_table: row.table,
    activity_type: row.optional('activity_type', null),
    assay_type: listed(row.optional('assay_type', [])),
    data_modality: listed(row.optional('data_modality', [])),
    reference_assembly: listed(row.optional('reference_assembly', [])),
  };
}

function listed(value: Value): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === null ? [] : [value];
}

/** A stub has what it has; of another dataset nothing is missing but its description. */
function dataset(row: Row): Values {
  if (isStub(row))
    return columns(
      row,
      names.datasets.filter((name) => row.has(name)),
    );
  return columns(row, ofRepository);
}

const ofRepository = names.datasets.filter((name) => name !== descriptionColumn);

/** Files have some columns twice, or from elsewhere. */
function file(row: Row): Values {
  return {
    ...columns(row, ofSnapshot),
    file_size: row.count('file_size'),
    version: row.filled('version'),
    uuid: row.id,
    size: row.count('file_size'),
    name: row.value('file_name'),
    crc32: row.optional('crc32', ''),
    sha256: row.optional('sha256', ''),
    drs_uri: row.has('drs_uri') ? row.value('drs_uri') : row.value('file_ref'),
  };
}

const ofSnapshot = names.files.filter((name) => shapeOf('anvil_file', name) !== 'none');
