import { z } from 'zod';
import { refusal } from '../../core/http/refusal.ts';
import type { Context } from '../../core/http/state.ts';
import { catalogNamed } from '../catalogs.ts';
import type { QueryDeps } from '../deps.ts';
import { callerSources } from '../http/caller.ts';
import { requestUrl } from './answers.ts';
import { findByChecksum } from './files.ts';

/** Files of one checksum. */
export const checksumAnswer = z
  .object({
    files: z.array(
      z.object({
        uuid: z.string(),
        version: z.string(),
        name: z.string(),
        size: z.int().nullable(),
        sha256: z.string(),
        drs_uri: z.string().nullable(),
        url: z.string().nullable().meta({ description: 'Where to download it.' }),
      }),
    ),
  })
  .meta({ id: 'FilesByChecksum' });

type Deps = Pick<QueryDeps, 'catalogs' | 'identify' | 'engine' | 'serving'>;

/** @throws LazuliError `bad_request` where the catalog has no such checksums, `not_found`, `unauthorized`, `unavailable` */
export async function answerChecksum(
  deps: Deps,
  ctx: Context,
  { catalog: name, sha256 }: { readonly catalog?: string | undefined; readonly sha256: string },
): Promise<z.output<typeof checksumAnswer>> {
  const catalog = catalogNamed(deps.catalogs, name);
  const sources = await callerSources(ctx, deps.identify, catalog);
  const searching = { ...deps, signal: ctx.state.signal };
  const files = await findByChecksum(searching, catalog, sources, { type: 'sha-256', checksum: sha256 });
  if (files === undefined)
    throw refusal(`Catalog '${catalog.name}' has no checksums of files.`, 'Choose another catalog.');
  const isLocated = catalog.repository.locateFile !== undefined;
  return {
    files: files.map(({ uuid, version, name: own, size, drsUri }) => {
      const query = new URLSearchParams({ catalog: catalog.name, version });
      const url = requestUrl(ctx, 'plain', uuid, query);
      return {
        uuid,
        version,
        name: own,
        size,
        sha256,
        drs_uri: drsUri,
        url: isLocated || drsUri !== null ? url : null,
      };
    }),
  };
}
