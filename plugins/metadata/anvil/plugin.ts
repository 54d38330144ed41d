import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import { entityTypes } from './declared/entity-types.ts';
import { manifests } from './declared/manifests.ts';
import { roles } from './declared/roles.ts';
import { summary } from './declared/summary.ts';
import { tables } from './declared/tables.ts';
import { normalize } from './normalize.ts';
import { hit } from './present/hit.ts';
import { present } from './present/present.ts';

/** Metadata of AnVIL, as the Terra Data Repository has it (specification, plugin-anvil). */
export const anvil: MetadataPlugin = {
  name: 'anvil',
  version: 1,
  tables,
  roles,
  entityTypes,
  implicitHub: 'datasets',
  envelope: {
    entity_id: 'entryId',
    'bundles.uuid': 'bundle_uuid',
    'bundles.version': 'bundle_version',
    'sources.id': 'source_id',
    'sources.spec': 'source_spec',
  },
  summary,
  manifests,
  normalize,
  present,
  hit,
  generator: async () => (await import('./generator/generate.ts')).generator,
};

export { anvil as plugin };
