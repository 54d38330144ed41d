import { LazuliError } from '../../core/config/errors.ts';
import { text } from '../../core/duckdb/sql.ts';
import type { Row, Store } from '../store/store.ts';
import type { DocumentLetters } from './document-letters.ts';
import type { Emission, EntityKey } from './emission.ts';

/** Other documents that are computed to tell whether one fails for something of its own. */
const mostOthers = 8;

/** Whether what failed may be one item's own fault: a statement, or a want of memory, but no full disk and no cluster. */
export const mayBeOwn = (error: unknown): boolean =>
  !(error instanceof LazuliError) || error.code === 'store_out_of_memory';

export interface OwnFaultsParts {
  readonly store: Store;
  readonly emission: Emission;
  readonly letters: DocumentLetters;
}

/** What becomes of a document that fails alone. */
export class OwnFaults {
  readonly #parts: OwnFaultsParts;

  constructor(parts: OwnFaultsParts) {
    this.#parts = parts;
  }

  /** Puts it to the dead letters. @throws the error where others fail as well: then it is no fault of its own */
  async bury(document: EntityKey, error: unknown): Promise<void> {
    const isOwn = await this.#isOwn(document).catch(() => false);
    if (!isOwn) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof LazuliError)
      await this.#parts.letters.put(document, 'document_too_large', `${reason} (limits.storeMemoryBytes)`, error);
    else await this.#parts.letters.put(document, 'document_faulty', `its statement fails: ${reason}`, error);
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

  async #computes({ entity_type, entity_id }: Row): Promise<boolean> {
    const { store, emission } = this.#parts;
    const undo = new Error('it was but tried');
    const tried = store.transaction(async () => {
      await store.run(
        `CREATE OR REPLACE TEMP TABLE wanted AS SELECT 0::INTEGER AS doc, ${Number(entity_type)}::TINYINT AS entity_type, ${text(String(entity_id))} AS entity_id`,
      );
      await emission.compute();
      throw undo;
    });
    return tried.catch((error: unknown) => error === undo);
  }

  /** Of those that there is something to compute of: for one that has vanished no statement of the plug-in is needed. */
  #others({ entityType, entityId }: EntityKey, where: string): Promise<readonly Row[]> {
    const isIt = `entity_type = ${entityType} AND entity_id = ${text(entityId)}`;
    return this.#parts.store.rows(`WITH o AS (SELECT * FROM entities WHERE ${isIt})
      SELECT entity_type, entity_id FROM (SELECT DISTINCT entity_type, entity_id FROM entities WHERE NOT (${isIt}) AND ${where}
        AND bundle_key IN (SELECT bundle_key FROM bundles WHERE selected))
      ORDER BY random() LIMIT ${mostOthers}`);
  }
}
