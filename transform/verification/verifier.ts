import type { Restriction } from '../../core/config/sources.ts';
import type { Forecast } from '../../core/control/forecast.ts';
import type { DocumentPlace, DocumentsCheck, Verification } from '../../core/control/verification.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Documents } from '../computing/documents.ts';
import type { Emitter } from '../emitting/emitter.ts';
import { notCurrent } from '../generations/failures.ts';
import type { Generations } from '../generations/generations.ts';
import type { SnapshotPublisher } from '../snapshots/publisher.ts';
import { checkDocuments } from './checked-documents.ts';
import { deadDocuments } from './dead-documents.ts';
import { Unverified } from './failures.ts';
import { forecast } from './forecast.ts';
import type { TypeChange } from './former.ts';
import { expectFewVanish } from './vanished.ts';
import { agrees, verifyGeneration } from './verify.ts';

/** Compares generations with the store, and with the one that serves. */
export class Verifier {
  readonly #context: CatalogContext;
  readonly #documents: Documents;
  readonly #generations: Generations;
  readonly #snapshots: SnapshotPublisher;
  readonly #emitter: Emitter;

  constructor(
    context: CatalogContext,
    documents: Documents,
    generations: Generations,
    snapshots: SnapshotPublisher,
    emitter: Emitter,
  ) {
    this.#context = context;
    this.#documents = documents;
    this.#generations = generations;
    this.#snapshots = snapshots;
    this.#emitter = emitter;
  }

  /**
   * Compares a generation with the store, once it has everything that waits.
   *
   * @param generation default: the one that serves
   * @throws LazuliError `conflict` where it isn't kept current, or nothing is written
   */
  async verify(generation = this.#generations.served.number): Promise<Verification> {
    if (generation === null || !this.#generations.isBuilt(generation)) throw notCurrent(generation);
    await this.#emitter.complete(generation);
    return this.#compare(generation);
  }

  /**
   * Compares the next documents of a generation with what was written, but for those that wait to be written again.
   *
   * @param generation default: the one that serves
   * @param after null: the first ones
   * @throws LazuliError `conflict` where it isn't kept current
   */
  async verifyDocuments(generation: number | undefined, after: DocumentPlace | null): Promise<DocumentsCheck> {
    const which = generation ?? this.#generations.served.number;
    if (which === null || !this.#generations.isBuilt(which)) throw notCurrent(which);
    const dead = await deadDocuments(this.#context);
    return checkDocuments(this.#context, this.#documents, dead, which, after);
  }

  /** @param generation that has everything @throws Unverified where it isn't what the store says */
  async expectVerified(generation: number): Promise<void> {
    const verification = await this.#compare(generation);
    if (!agrees(verification)) throw new Unverified(verification);
  }

  /**
   * What a generation would change that served in the place of the one that does.
   *
   * @param acceptsVanished whether it may lack documents that are served now
   * @throws Unconfirmed where it lacks too many
   */
  async changes(generation: number, acceptsVanished: boolean): Promise<readonly TypeChange[]> {
    const dead = await deadDocuments(this.#context);
    return expectFewVanish(this.#context, dead, this.#generations.former, generation, acceptsVanished);
  }

  /** What a build, or a recomputation, would come to. @throws LazuliError `index_unavailable` */
  async forecast(restriction?: Restriction): Promise<Forecast> {
    const dead = await deadDocuments(this.#context);
    return forecast(this.#context, this.#documents, dead, this.#generations.former, restriction);
  }

  async #compare(generation: number): Promise<Verification> {
    const dead = await deadDocuments(this.#context);
    const published = await this.#snapshots.contents(generation);
    return verifyGeneration(this.#context, this.#documents, dead, generation, published);
  }
}
