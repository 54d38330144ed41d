import { z } from 'zod';
import { errorBody } from '../../core/http/errors.ts';

/** The version of DRS that the server speaks; lists of ids and `OPTIONS` came with later ones. */
export const drsVersion = '1.2.0' as const;

const checksum = z.object({ checksum: z.string(), type: z.string() });
const accessMethod = z.object({
  type: z.literal('https'),
  access_id: z.string().meta({ description: 'Ask for its URL at `/objects/{object_id}/access/{access_id}`.' }),
});
const content = z.object({
  name: z.string().meta({ description: 'Distinct within the bundle.' }),
  id: z.string(),
  drs_uri: z.array(z.string()),
});

/** GA4GH DRS 1.2, `DrsObject` */
export const drsObject = z
  .object({
    id: z.string(),
    name: z.string(),
    self_uri: z.string(),
    size: z.int().min(0).meta({ description: 'Bytes; of a bundle those of all its files.' }),
    created_time: z.string(),
    version: z.string().optional(),
    checksums: z.array(checksum).min(1),
    access_methods: z.array(accessMethod).optional(),
    contents: z.array(content).optional().meta({ description: 'The files of a bundle.' }),
  })
  .meta({ id: 'DrsObject' });
export type DrsObject = z.output<typeof drsObject>;

/** GA4GH DRS 1.2, `AccessURL` */
export const accessUrl = z.object({ url: z.string() }).meta({ id: 'DrsAccessUrl' });

/** GA4GH DRS 1.2, `Error`; and what every error of the service has */
export const drsError = errorBody.extend({ msg: z.string(), status_code: z.int() }).meta({ id: 'DrsError' });

/** GA4GH service-info 1.0 */
export const serviceInfo = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.object({ group: z.literal('org.ga4gh'), artifact: z.literal('drs'), version: z.literal(drsVersion) }),
    organization: z.object({ name: z.string(), url: z.string() }),
    version: z.string(),
  })
  .meta({ id: 'DrsServiceInfo' });

/** GA4GH DRS 1.3, `Authorizations` */
export const authorizations = z
  .object({ drs_object_id: z.string(), supported_types: z.array(z.enum(['None', 'BearerAuth'])) })
  .meta({ id: 'DrsAuthorizations' });

/** Of a list of ids. */
export const maxIds = 100;

/** GA4GH DRS 1.3, `BulkObjectBody` */
export const bulkQuestion = z
  .object({ bulk_object_ids: z.array(z.string()).min(1).max(maxIds) })
  .meta({ id: 'DrsBulkQuestion' });

/** GA4GH DRS 1.3, answer to it */
export const bulkAnswer = z
  .object({
    summary: z.object({ requested: z.int(), resolved: z.int(), unresolved: z.int() }),
    resolved_drs_object: z.array(drsObject),
    unresolved_drs_objects: z.array(z.object({ error_code: z.int(), object_ids: z.array(z.string()) })),
  })
  .meta({ id: 'DrsBulkAnswer' });
