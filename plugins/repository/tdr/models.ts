import { anvil } from './anvil/assembly.ts';
import { hca } from './hca/assembly.ts';
import type { Model } from './model.ts';

/** The data model of a snapshot, by its tables; undefined where it is none of those that are known. */
export function modelOf(tables: ReadonlySet<string>): Model | undefined {
  return [hca, anvil].find((model) => Object.keys(model.tables).every((table) => tables.has(table)));
}
