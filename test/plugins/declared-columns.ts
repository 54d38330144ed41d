import type { Aggregate, Column, ColumnType, EntityType, FieldUse, MetadataPlugin } from '../../core/model/metadata.ts';
import { checkDeclarations } from '../../plugins/declarations.ts';
import { zoo } from '../rigs/models/zoo.ts';

const types: readonly ColumnType[] = [
  ...(['string', 'int', 'float', 'bool', 'datetime', 'quantity', 'range', 'counts', 'object'] as const),
];
const aggregates: readonly (Aggregate | undefined)[] = [
  undefined,
  { kind: 'drop' },
  { kind: 'set', limit: 2 },
  { kind: 'objects', limit: 2, by: 'label' },
  { kind: 'dictionary', limit: null, by: 'label' },
  { kind: 'frequency', limit: 2 },
  { kind: 'sum', distinctBy: ['document_id'] },
  { kind: 'count', distinctBy: ['id', 'document_id'] },
  { kind: 'unique_count' },
  { kind: 'min' },
  { kind: 'max' },
  { kind: 'single' },
];

/** Every type, as a list or not, opaque or not, with every aggregate, whether the compiler lets it or not; every other one optional. */
export function* anyColumns(): Generator<Column> {
  let number = 0;
  for (const type of types)
    for (const list of [false, true])
      for (const aggregate of aggregates)
        for (const members of type === 'object' ? [undefined, { label: 'string', size: 'int' } as const] : [undefined])
          yield {
            type,
            ...(list ? { list } : {}),
            ...(++number % 2 === 0 ? { optional: true } : {}),
            ...(aggregate === undefined ? {} : { aggregate }),
            ...(members === undefined ? {} : { members }),
          } as Column;
}

/** What a column is used for: the most that may be asked of it, and less. */
export const anyUses = (name: string): readonly FieldUse[] => [{ api: name, facet: true }, { api: name }, {}];

export interface UsedColumn {
  readonly column: Column;
  readonly use: FieldUse;
}

const id: Column = { type: 'string' };

/** A model of one table, which one entity type shows collapsed, one in groups and one as it is. */
export function modelOf(columns: Readonly<Record<string, UsedColumn>>): MetadataPlugin {
  const declared = Object.entries(columns);
  const uses = Object.fromEntries(declared.map(([name, { use }]) => [name, use]));
  const things = { things: 'columns' } as const;
  const grouped = declared.flatMap(([name, { column }]) => (column.aggregate?.kind === 'single' ? [name] : []));
  const served = { order: 'asc', maxPage: 100, access: 'public', showsBundles: true, sort: 'entryId' } as const;
  const type = (shape: 'collapsed' | 'list'): EntityType => ({ roles: { things: shape }, served, computed: {} });
  return {
    ...zoo,
    tables: {
      things: { columns: { id, ...Object.fromEntries(declared.map(([name, { column }]) => [name, column])) } },
    },
    roles: {
      things: { tables: things, whenEmpty: 'list', fields: uses, ...(grouped.length > 0 ? { groupBy: grouped } : {}) },
    },
    entityTypes: { crowds: type('collapsed'), loners: type('list') },
    implicitHub: 'crowds',
  };
}

/** @returns what is wrong with a model; null where nothing is */
export function refusal(plugin: MetadataPlugin): string | null {
  try {
    checkDeclarations(plugin);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
