import type { BulkBody } from '../sink/body.ts';
import type { DeadDocument, Sink } from '../sink/sink.ts';
import type { DocumentLetters } from './document-letters.ts';
import { type Emission, entityTypeOfAlias, type LargeDocument, type Target } from './emission.ts';

export interface WritingParts {
  readonly emission: Emission;
  readonly sink: Sink;
  readonly letters: DocumentLetters;
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
      ...large.map((document) => this.#tooLarge(document)),
    ]);
  }

  async #body(target: Target, body: BulkBody): Promise<void> {
    const dead = await this.#parts.sink.write(body, target.version);
    await Promise.all(dead.map((document) => this.#dead(target, document)));
  }

  async #dead(target: Target, { index, id, code, reason }: DeadDocument): Promise<void> {
    const entityType = entityTypeOfAlias(this.#parts.emission.plan, target, index);
    if (entityType === null) throw new TypeError(`The alias ${index} is not one of ${target.catalog}`);
    await this.#parts.letters.put({ entityType, entityId: id }, code, reason);
  }

  async #tooLarge(document: LargeDocument): Promise<void> {
    const message = `The document has ${document.bytes} bytes; ${this.#parts.documentBytes} are allowed.`;
    await this.#parts.letters.put(document, 'document_too_large', message);
  }
}
