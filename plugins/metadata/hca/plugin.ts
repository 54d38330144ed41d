import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import { entityTypes } from './declared/entity-types.ts';
import { manifests } from './declared/manifests.ts';
import { roles } from './declared/roles.ts';
import { summary } from './declared/summary.ts';
import { tables } from './declared/tables.ts';
import { normalize } from './normalize.ts';
import { hit } from './present/hit.ts';
import { present } from './present/present.ts';

/** Metadata of the Human Cell Atlas (specification, plugin-hca). */
export const hca: MetadataPlugin = {
  name: 'hca',
  version: 1,
  tables,
  roles,
  entityTypes,
  implicitHub: 'projects',
  summary,
  manifests,
  normalize,
  present,
  hit,
  generator: async () => (await import('./generator/generate.ts')).generator,
};

export { hca as plugin };
