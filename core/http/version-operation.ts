import { z } from 'zod';
import { type Operation, operation } from './operation.ts';
import { noParameters } from './parameters.ts';
import type { Version } from './version.ts';

const version = z
  .object({
    git: z.object({ commit: z.string(), dirty: z.boolean() }).meta({ description: 'The code that answers.' }),
    changes: z.array(z.unknown()).meta({ description: 'The newest entries of the change log.' }),
  })
  .meta({ id: 'Version' });

/** `GET /version` (specification, service-api 3) */
export function versionOperation(current: Version): Operation {
  return operation({
    ...{ method: 'get', path: '/version', id: 'getVersion', tag: 'Auxiliary', summary: 'Which version answers' },
    query: noParameters,
    answer: { description: 'The version.', schema: version },
    handle: () => current,
  });
}
