import { z } from 'zod';
import type { DeadLetters } from '../../core/storage/dead-letters.ts';
import type { EntityKey } from '../emitting/emission.ts';
import type { GenerationsOf } from '../generations/indices.ts';

/** More are too many to be left out of a comparison one by one. */
const most = 1000;

const document = z.looseObject({ entityType: z.string(), entityId: z.string() });

/** Documents that could not be written, by their dead letters; some of them, where there are very many. */
export async function deadDocuments(
  deadLetters: DeadLetters,
  { catalog, plugin }: GenerationsOf,
): Promise<readonly EntityKey[]> {
  const { letters } = await deadLetters.list({ catalog, kind: 'document', limit: most });
  const types = Object.keys(plugin.entityTypes);
  return letters.map(({ payload }) => {
    const { entityType, entityId } = document.parse(payload);
    return { entityType: types.indexOf(entityType), entityId };
  });
}
