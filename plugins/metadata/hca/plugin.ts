import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import { entityTypes } from './entity-types.ts';
import { hit } from './hit.ts';
import { normalize } from './normalize.ts';
import { present } from './present.ts';
import { roles } from './roles.ts';
import { summary } from './summary.ts';
import { tables } from './tables.ts';

/** Metadata of the Human Cell Atlas (specification, plugin-hca). */
export const hca: MetadataPlugin = {
  name: 'hca',
  version: 1,
  tables,
  roles,
  entityTypes,
  implicitHub: 'projects',
  summary,
  normalize,
  present,
  hit,
};

export { hca as plugin };
