import { indexName, writeAlias } from '../../core/documents/index-layout.ts';
import { fullJitter } from '../../core/runtime/backoff.ts';
import type { Activity } from '../catalog/activity.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { LargeDocument, Target } from '../computing/documents.ts';
import type { Generations } from '../generations/generations.ts';
import type { BulkBody } from '../sink/body.ts';
import { versionOf } from '../sink/outcome.ts';
import { attemptBackoff, type Pause } from '../sink/pause.ts';
import { type DeadDocument, Sink } from '../sink/sink.ts';
import type { EntityKey } from '../store/schema.ts';
import type { DocumentLetters } from './document-letters.ts';

/** Writes computed documents into one generation; what can't be written is with the dead letters when it resolves. */
export class GenerationWriter {
  readonly generation: number;
  readonly #context: CatalogContext;
  readonly #letters: DocumentLetters;
  readonly #sink: Sink;

  /** @param signal ends writing before its time */
  constructor(
    context: CatalogContext,
    generations: Pick<Generations, 'expectPresent'>,
    letters: DocumentLetters,
    activity: Activity,
    generation: number,
    signal: AbortSignal,
  ) {
    this.generation = generation;
    this.#context = context;
    this.#letters = letters;
    const { cluster, clock, limits } = context;
    const backOff = (attempt: number): number => fullJitter(attempt, attemptBackoff);
    const onPause = (pause: Pause | null): void => activity.notePause(pause);
    const onMissing = (): Promise<void> => generations.expectPresent(generation);
    this.#sink = new Sink({ cluster, clock, backOff, onPause, onMissing, signal }, limits.bulkConcurrency);
  }

  /** Where documents go that a transaction computes. */
  target(commit: number): Target {
    const { deployment, catalog, epoch } = this.#context;
    return { deployment, catalog, generation: this.generation, version: versionOf(epoch, commit) };
  }

  /** @returns those that OpenSearch has refused */
  async write(
    target: Target,
    bodies: readonly BulkBody[],
    large: readonly LargeDocument[],
  ): Promise<readonly EntityKey[]> {
    const refused = Promise.all(bodies.map((body) => this.#body(target, body)));
    await Promise.all([refused, ...large.map((document) => this.#tooLarge(document))]);
    return (await refused).flat();
  }

  async #body(target: Target, body: BulkBody): Promise<readonly EntityKey[]> {
    const dead = await this.#sink.write(body, target.version);
    return Promise.all(dead.map((document) => this.#dead(target, document)));
  }

  async #dead(target: Target, { index, id, code, reason }: DeadDocument): Promise<EntityKey> {
    const key = { entityType: this.#entityType(target, index), entityId: id };
    await this.#letters.put(key, code, reason);
    return key;
  }

  /** The way back from a dead document to its entity. @param alias of an entity type, or its index */
  #entityType(target: Target, alias: string): number {
    const types = Object.keys(this.#context.plugin.entityTypes);
    const found = types.findIndex((entityType) => {
      const name = { ...target, entityType };
      return alias === writeAlias(name) || alias === indexName(name);
    });
    if (found < 0) throw new TypeError(`The alias ${alias} is not one of ${target.catalog}`);
    return found;
  }

  async #tooLarge(document: LargeDocument): Promise<void> {
    const message = `The document has ${document.bytes} bytes; ${this.#context.limits.documentBytes} are allowed.`;
    await this.#letters.put(document, 'document_too_large', message);
  }
}
