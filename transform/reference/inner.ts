import { projectedFields } from '../../core/model/fields.ts';
import type { Json, MetadataPlugin, ProjectedField } from '../../core/model/metadata.ts';

/** A row of an inner table with values as plug-ins give them: quantities as text, ranges as pairs. */
export interface InnerRow {
  readonly table: string;
  readonly id: string | null;
  /** by column; an absent one is missing or undefined */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * What a row shows under a role, in natural JSON: the simplest reading of the contract.
 *
 * @throws TypeError where row and declarations don't fit
 */
export function innerEntity(
  plugin: MetadataPlugin,
  role: string,
  { table, id, values }: InnerRow,
): Readonly<Record<string, Json>> {
  const declared = plugin.tables[table];
  const projection = plugin.roles[role]?.tables[table];
  if (declared === undefined || projection === undefined) throw new TypeError(`${role} holds a row of ${table}`);
  const inner: Record<string, Json> = id === null ? {} : { document_id: id };
  for (const [name, field] of Object.entries(projectedFields(declared, projection))) {
    if (name === 'document_id') continue;
    const value = natural(declared.columns, field, values);
    if (value !== undefined) inner[name] = value;
  }
  return inner;
}

type Columns = MetadataPlugin['tables'][string]['columns'];

function natural(columns: Columns, field: ProjectedField, values: InnerRow['values']): Json | undefined {
  if ('constant' in field) return field.list ? [field.constant] : field.constant;
  const value = values[field.column] as Json | undefined;
  const column = columns[field.column];
  if (value === undefined) {
    if (!column?.optional) throw new TypeError(`Column ${field.column} is absent, but not optional`);
    return undefined;
  }
  if (column?.type === 'quantity') return Array.isArray(value) ? value.map(quantity) : quantity(value);
  if (Array.isArray(value) && value.length === 0 && column?.list && column.type !== 'object') return [null];
  return value;
}

function quantity(text: Json): Json {
  if (text === null) return null;
  const [value = '', unit = null] = (text as string).split(' ');
  return { value, unit };
}
