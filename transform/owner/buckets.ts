import type { BucketItem, BucketRef, BucketReport } from '../../core/control/building.ts';
import { isRested, type Rest, rested } from '../../core/runtime/rest.ts';
import type { Builder } from '../building/builder.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Emitter } from '../emitting/emitter.ts';
import type { Requests } from './requests.ts';
import type { Stages } from './stages.ts';

/** Between two lines of the log about the same number. */
const tellMillis = 60_000;

/** What builders ask of the owner of a catalog, and tell it. While an operator has paused writing, they do nothing either. */
export class Buckets {
  readonly #context: Pick<CatalogContext, 'catalog' | 'clock' | 'logger'>;
  readonly #builder: Builder;
  readonly #emitter: Pick<Emitter, 'halt'>;
  readonly #requests: Requests;
  #told = 0;
  #rest: Rest = rested;

  constructor(
    context: Pick<CatalogContext, 'catalog' | 'clock' | 'logger'>,
    { builder, emitter }: Pick<Stages, 'builder' | 'emitter'>,
    requests: Requests,
  ) {
    this.#context = context;
    this.#builder = builder;
    this.#emitter = emitter;
    this.#requests = requests;
  }

  /** Builders that the build wants which goes on. */
  get wanted(): number {
    return this.#emitter.halt === null ? (this.#builder.progress?.builders.wanted ?? 0) : 0;
  }

  /** One for a builder; null where there is none. At once, whatever the owner is doing: the store isn't needed. */
  handOut(builder: string): BucketItem | null {
    return this.#emitter.halt === null ? this.#builder.handOut(builder) : null;
  }

  /** A builder works on one. @returns whether it is to go on */
  keep(of: BucketRef, builder: string): boolean {
    if (this.#emitter.halt === null) return this.#builder.keep(of, builder);
    this.#builder.release(of, builder);
    return false;
  }

  /** Notes what a builder says of one, between two steps. @throws LazuliError `conflict`, `bad_request` */
  note(report: BucketReport): Promise<void> {
    return this.#requests.task(() => this.#builder.note(report));
  }

  /** Tells in the log how many builders are wanted: where that changes, and once a minute while it isn't 0. A stack starts as many. */
  tell(): void {
    const { catalog, clock, logger } = this.#context;
    const { wanted } = this;
    const now = clock.now();
    if (wanted === this.#told && (wanted === 0 || !isRested(this.#rest, now))) return;
    this.#told = wanted;
    this.#rest = { since: now, millis: tellMillis };
    logger.info({ catalog, builders_wanted: wanted }, 'builders');
  }
}
