import { z } from 'zod';
import { catalogNamePattern } from '../core/config/catalogs.ts';
import { maxVersion, uuidPattern } from '../core/config/identities.ts';
import type { ApiDescription } from '../core/http/documentation/document.ts';
import { actions } from '../core/staged/layout.ts';

export const runsTag = 'Runs';

/** What the OpenAPI document says of the indexer as a whole. */
export const indexerDescription: ApiDescription = {
  title: 'Lazuli Indexer',
  description:
    'Takes notifications of bundles that were added to a repository or deleted from it, or whose deletion was a mistake.',
  version: '1.0',
  tags: [
    { name: 'Notifications', description: 'What happened to bundles' },
    { name: runsTag, description: 'Reindexing of whole catalogs' },
    { name: 'Auxiliary', description: 'State, version and documentation of the indexer' },
  ],
};

/** Part of paths. */
export const catalogParameter = z.string().meta({
  description: 'Name of a catalog.',
  override: { pattern: catalogNamePattern.source, maxLength: 64 },
});

/** Parts of the path of a notification. */
export const notificationPath = z.object({
  catalog: catalogParameter,
  action: z.string().meta({ description: 'What happened.', override: { enum: [...actions] } }),
});

/**
 * The body of a notification (specification, service-api 14), as documentation. The code that checks it has more exact
 * messages; a test compares the two.
 */
export const notificationBody = z
  .looseObject({
    bundle_fqid: z.looseObject({
      uuid: z.string().meta({ override: { pattern: uuidPattern.source.replaceAll('0-9a-f', '0-9a-fA-F') } }),
      version: z.string().min(1).max(maxVersion),
      source: z.unknown().optional().meta({ description: 'Where the bundle is: `id` and `spec`. Looked at later.' }),
    }),
  })
  .meta({ id: 'Notification' });
