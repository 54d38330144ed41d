import type { KnownLimits } from '../../core/documents/cuts.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import type { Store } from '../store/store.ts';
import { documentOf, type Entity } from './document.ts';
import { type Indexed, indexedForm } from './indexed.ts';
import { storedContributions } from './stored.ts';

/**
 * What the documents of some entities must be, by the reference reducer from rows of the store. All their rows are in
 * memory at once.
 *
 * @returns in the order of the entities; null where there must be none
 */
export async function reducedDocuments(
  store: Store,
  plugin: MetadataPlugin,
  entities: readonly Entity[],
  known?: KnownLimits,
): Promise<readonly (Indexed | null)[]> {
  const contributions = await storedContributions(store, plugin, entities);
  return entities.map((entity, i) => {
    const document = documentOf(plugin, entity, contributions[i] ?? [], known);
    return document === null ? null : indexedForm(plugin, entity.type, document);
  });
}
