import { anvil } from './anvil/assembly.ts';
import { hca } from './hca/assembly.ts';
import type { Model } from './model.ts';

/** The data model of a snapshot, by its tables; undefined where it is none of those that are known. */
export function modelOf(tables: ReadonlySet<string>): Model | undefined {
  return [hca, anvil].find((model) => Object.keys(model.tables).every((table) => tables.has(table)));
}

/** Columns that a model reads, of each table that there is. */
export const columnsRead = (model: Model, tables: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> =>
  new Map(Object.entries({ ...model.optional, ...model.tables }).filter(([table]) => tables.has(table)));
