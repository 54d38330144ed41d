import type { Model } from '../model.ts';
import { columnsOf, entityTypes } from './entity-types.ts';
import { list, prepare, relations, slots } from './prepare.ts';
import { stitching } from './stitching.ts';

/** Metadata of the Human Cell Atlas (specification, repository-plugins 5; tdr 6.1). */
export const hca: Model = {
  tables: { links: ['links_id', 'version', 'content', 'project_id'], project: ['project_id', 'content'] },
  optional: Object.fromEntries(entityTypes.map((type) => [type, columnsOf(type)])),
  prepare,
  list,
  relations,
  slots: Object.keys(slots).length,
  assembler: stitching,
};
