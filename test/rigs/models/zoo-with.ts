import type { AnyColumn } from '../../../core/model/columns.ts';
import type { Column, Computed, EntityType, FieldUse, MetadataPlugin } from '../../../core/model/metadata.ts';
import { zoo } from './zoo.ts';

/** A change of the zoo's declarations, and what is said of it. */
export type Wrong = readonly [Partial<MetadataPlugin>, RegExp];

/** The zoo, with these uses of the fields of keepers. */
export const keepersWith = (fields: Readonly<Record<string, FieldUse>>) => ({
  ...zoo.roles,
  keepers: { tables: { keepers: 'columns' as const }, whenEmpty: 'list' as const, fields },
});

export const food: Computed = { kind: 'sum', role: 'animals', column: 'food_grams' };
/** The zoo, with a table of such a column, which the compiler may refuse. */
export const withColumn = (name: string, column: AnyColumn, others: Readonly<Record<string, Column>> = {}) => ({
  ...zoo.tables,
  beasts: { columns: { [name]: column as Column, ...others } },
});
export const cages = zoo.entityTypes.cages as EntityType;
export const animals = zoo.entityTypes.animals as EntityType;
export const cagesWith = (computed: EntityType['computed']) => ({ ...zoo.entityTypes, cages: { ...cages, computed } });
const served = { sort: 'entryId', order: 'asc', maxPage: 10, access: 'public', showsBundles: false } as const;
export const servedBy = (changed: Partial<EntityType['served']>) => ({
  ...zoo.entityTypes,
  cages: { ...cages, served: { ...served, ...changed } },
});
