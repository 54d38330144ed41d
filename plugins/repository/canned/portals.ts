import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { shownIssues } from '../../../core/config/issues.ts';
import type { SourceRef } from '../../../core/config/sources.ts';
import { jsonTextOf, wholeJson } from '../../../core/config/text.ts';
import type { Portal } from '../../../core/model/portals.ts';

const maxBytes = 8 * 2 ** 20;

const ids = z.array(z.string());
/** Ids may be given by source, under its id or its spec. */
const entityIds = z.union([ids, z.record(z.string(), ids)]);
const integration = z.looseObject({
  entity_type: z.string(),
  integration_type: z.string(),
  entity_ids: entityIds.optional(),
});
const portalsSchema = z.array(z.looseObject({ integrations: z.array(integration) }));

/**
 * What `portals.json` says, reduced to the sources of a catalog: an integration whose ids are all of
 * other sources is left out, its portal stays.
 *
 * @throws LazuliError `repository_unavailable` where the file can't be read or is wrong
 */
export async function readPortals(folder: string, sources: readonly SourceRef[]): Promise<readonly Portal[]> {
  const path = join(folder, 'portals.json');
  try {
    const { size } = await stat(path);
    if (size > maxBytes) throw new RangeError(`it has ${size} bytes; ${maxBytes} is the limit`);
    const portals = portalsSchema.parse(wholeJson(jsonTextOf(await readFile(path))));
    return portals.map((portal) => ({
      ...portal,
      integrations: portal.integrations.flatMap((found) => reduced(found, sources)),
    })) as readonly Portal[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unusable(path, error);
  }
}

function reduced(found: z.output<typeof integration>, sources: readonly SourceRef[]): z.output<typeof integration>[] {
  const { entity_ids: given } = found;
  if (given === undefined || Array.isArray(given)) return [found];
  const own = sources.flatMap(({ id, spec }) =>
    [id, spec].flatMap((name) => (Object.hasOwn(given, name) ? (given[name] ?? []) : [])),
  );
  return own.length === 0 ? [] : [{ ...found, entity_ids: [...new Set(own)] }];
}

function unusable(path: string, cause: unknown): LazuliError {
  const why = cause instanceof z.ZodError ? shownIssues(cause) : (cause as Error).message;
  return new LazuliError('repository_unavailable', `Can't use ${path}: ${why}`, {
    remedy: 'Correct the file, or take it away.',
    cause,
  });
}
