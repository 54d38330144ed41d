import { LazuliError } from '../config/errors.ts';
import { deadLetter } from '../streams/dead-letter.ts';
import type { DeadLetters } from '../streams/dead-letters.ts';
import { type Emission, type EntityKey, entityTypeOfAlias, type LargeDocument, type Target } from './emission.ts';
import type { BulkBody } from './sink/body.ts';
import type { DeadDocument, Sink } from './sink/sink.ts';

export interface WritingParts {
  readonly emission: Emission;
  readonly sink: Sink;
  readonly deadLetters: DeadLetters;
  readonly documentBytes: number;
}

/** Writes what emission computed; what can't be written is with the dead letters when it resolves. */
export class Writing {
  readonly #parts: WritingParts;

  constructor(parts: WritingParts) {
    this.#parts = parts;
  }

  async write(target: Target, bodies: readonly BulkBody[], large: readonly LargeDocument[]): Promise<void> {
    await Promise.all([
      ...bodies.map((body) => this.#body(target, body)),
      ...large.map((document) => this.#tooLarge(target, document)),
    ]);
  }

  async #body(target: Target, body: BulkBody): Promise<void> {
    const dead = await this.#parts.sink.write(body, target.version);
    await Promise.all(dead.map((document) => this.#dead(target, document)));
  }

  async #dead(target: Target, { index, id, code, reason }: DeadDocument): Promise<void> {
    const entityType = entityTypeOfAlias(this.#parts.emission.plan, target, index);
    if (entityType === null) throw new TypeError(`The alias ${index} is not one of ${target.catalog}`);
    await this.#put(target, { entityType, entityId: id }, code, reason);
  }

  async #tooLarge(target: Target, document: LargeDocument): Promise<void> {
    const message = `The document has ${document.bytes} bytes; ${this.#parts.documentBytes} are allowed.`;
    await this.#put(target, document, 'document_too_large', message);
  }

  async #put(
    { catalog }: Target,
    { entityType, entityId }: EntityKey,
    code: 'document_too_large' | 'document_rejected',
    reason: string,
  ): Promise<void> {
    const name =
      this.#parts.emission.plan.entityTypes.find(({ number }) => number === entityType)?.name ?? String(entityType);
    const entity = `${name}/${entityId}`;
    const error = new LazuliError(code, `${entity} can't be indexed: ${reason}`, {
      place: { entity },
      remedy: 'Mend the metadata that it is made of, then notify of the bundle again or redrive this letter.',
    });
    const payload = { catalog, entityType: name, entityId };
    await this.#parts.deadLetters.put(
      deadLetter(error, { catalog, stage: 'transform', kind: 'document', identity: entity, payload }),
    );
  }
}
