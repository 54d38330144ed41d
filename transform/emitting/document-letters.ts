import { LazuliError } from '../../core/config/errors.ts';
import { text } from '../../core/duckdb/sql.ts';
import { deadLetter } from '../../core/storage/dead-letter.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { EntityKey } from '../store/schema.ts';

/** Why a document can't be indexed. */
export type DocumentFault = 'document_too_large' | 'document_rejected' | 'document_faulty';

const remedies: Readonly<Record<DocumentFault, string>> = {
  document_too_large:
    'Correct the metadata that it is made of, or raise the limit that is named, then notify of the bundle again or redrive this letter.',
  document_rejected: 'Correct the metadata that it is made of, then notify of the bundle again or redrive this letter.',
  document_faulty:
    'Correct the metadata plug-in, or the metadata that it is made of, then notify of the bundle again or redrive this letter.',
};

/** The dead letters of documents that can't be indexed. */
export class DocumentLetters {
  readonly #context: CatalogContext;

  constructor(context: CatalogContext) {
    this.#context = context;
  }

  /** Durable when it resolves. @param cause with its stack, where something was thrown */
  async put(key: EntityKey, code: DocumentFault, reason: string, cause?: unknown): Promise<void> {
    const { catalog, plugin, deadLetters } = this.#context;
    const type = Object.keys(plugin.entityTypes)[key.entityType] ?? String(key.entityType);
    const entity = `${type}/${key.entityId}`;
    const error = new LazuliError(code, `${entity} can't be indexed: ${reason}`, {
      place: { entity, ...(await this.#bundle(key)) },
      remedy: remedies[code],
      ...(cause === undefined ? {} : { cause }),
    });
    const payload = { catalog, entityType: type, entityId: key.entityId };
    await deadLetters.put(
      deadLetter(error, { catalog, stage: 'transform', kind: 'document', identity: entity, payload }),
    );
  }

  /** The last of the bundles that it is made of; that of a document that is no more isn't known. */
  async #bundle({ entityType, entityId }: EntityKey): Promise<{ readonly bundle?: string }> {
    const [last] = await this.#context.store.peek(`SELECT bundle_uuid, bundle_version
      FROM entities JOIN bundles USING (bundle_key) WHERE entity_type = ${entityType} AND entity_id = ${text(entityId)}
      ORDER BY selected DESC, bundle_key DESC LIMIT 1`);
    return last === undefined ? {} : { bundle: `${last.bundle_uuid}.${last.bundle_version}` };
  }
}
