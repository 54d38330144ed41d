import { LazuliError } from '../../core/config/errors.ts';
import { text } from '../../core/duckdb/sql.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Documents } from '../computing/documents.ts';
import type { EntityKey } from '../store/schema.ts';
import type { DocumentLetters } from './document-letters.ts';

/** Other documents that are computed to tell whether one fails for something of its own. */
const mostOthers = 8;

/** What becomes of a document that fails alone. */
export class OwnFaults {
  readonly #context: CatalogContext;
  readonly #documents: Documents;
  readonly #letters: DocumentLetters;

  constructor(context: CatalogContext, documents: Documents, letters: DocumentLetters) {
    this.#context = context;
    this.#documents = documents;
    this.#letters = letters;
  }

  /** Writes its dead letter. @throws the error where others fail as well: then the document isn't at fault */
  async bury(document: EntityKey, error: unknown): Promise<void> {
    const isOwn = await this.#isOwn(document).catch(() => false);
    if (!isOwn) throw error;
    // What failed for all may have been put right before the others were tried.
    if (!(error instanceof LazuliError) && (await this.#computes(document))) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof LazuliError)
      await this.#letters.put(document, 'document_too_large', `${reason} (limits.storeMemoryBytes)`, error);
    else await this.#letters.put(document, 'document_faulty', `its statement fails: ${reason}`, error);
  }

  /** Those of its type that share no bundle with it decide; where there is none, any other one does. */
  async #isOwn(document: EntityKey): Promise<boolean> {
    const alike = await this.#others(
      document,
      `entity_type = ${document.entityType} AND bundle_key NOT IN (SELECT bundle_key FROM o)`,
    );
    for (const one of alike.length > 0 ? alike : await this.#others(document, 'true'))
      if (await this.#computes(one)) return true;
    return false;
  }

  async #computes({ entityType, entityId }: EntityKey): Promise<boolean> {
    const { store } = this.#context;
    const undo = new Error('it was but tried');
    const tried = store.transaction(async () => {
      await store.run(
        `CREATE OR REPLACE TEMP TABLE wanted AS SELECT 0::INTEGER AS doc, ${entityType}::TINYINT AS entity_type, ${text(entityId)} AS entity_id`,
      );
      await this.#documents.compute();
      throw undo;
    });
    return tried.catch((error: unknown) => error === undo);
  }

  /** Of those that there is something to compute of: for one that has vanished no statement of the plug-in is needed. */
  async #others({ entityType, entityId }: EntityKey, where: string): Promise<readonly EntityKey[]> {
    const isIt = `entity_type = ${entityType} AND entity_id = ${text(entityId)}`;
    const rows = await this.#context.store.rows(`WITH o AS (SELECT * FROM entities WHERE ${isIt})
      SELECT entity_type, entity_id FROM (SELECT DISTINCT entity_type, entity_id FROM entities WHERE NOT (${isIt}) AND ${where}
        AND bundle_key IN (SELECT bundle_key FROM bundles WHERE selected))
      ORDER BY random() LIMIT ${mostOthers}`);
    return rows.map(({ entity_type, entity_id }) => ({
      entityType: Number(entity_type),
      entityId: String(entity_id),
    }));
  }
}
