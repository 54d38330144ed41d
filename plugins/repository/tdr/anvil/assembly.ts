import type { Model } from '../model.ts';
import { list, prepare, relations, slots } from './prepare.ts';
import { searching } from './search.ts';
import { tables } from './tables.ts';

/** Metadata of AnVIL (specification, repository-plugins 6; tdr 6.2). */
export const anvil: Model = {
  tables: Object.fromEntries(Object.entries(tables).map(([table, { columns }]) => [table, columns])),
  optional: {},
  prepare: () => prepare,
  list,
  relations,
  slots: Object.keys(slots).length,
  assembler: searching,
};
