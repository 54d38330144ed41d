import { z } from 'zod';
import { text } from '../../core/duckdb/sql.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { EntityKey } from '../store/schema.ts';

/** More are too many to be left out of a comparison one by one. */
const most = 1000;

const document = z.looseObject({ entityType: z.string(), entityId: z.string() });

/** Documents that could not be written, by their dead letters; some of them, where there are very many. */
export async function deadDocuments({ deadLetters, catalog, plugin }: CatalogContext): Promise<readonly EntityKey[]> {
  const { letters } = await deadLetters.list({ catalog, kind: 'document', limit: most });
  const types = Object.keys(plugin.entityTypes);
  return letters.map(({ payload }) => {
    const { entityType, entityId } = document.parse(payload);
    return { entityType: types.indexOf(entityType), entityId };
  });
}

/** SQL of the condition that a document, of a table if one is named, isn't one of these. */
export function isAlive(dead: readonly EntityKey[], table?: string): string {
  if (dead.length === 0) return 'true';
  const of = table === undefined ? '' : `${table}.`;
  const keys = dead.map(({ entityType, entityId }) => `(${entityType}, ${text(entityId)})`);
  return `(${of}entity_type, ${of}entity_id) NOT IN (${keys.join(', ')})`;
}
