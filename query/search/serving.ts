import { LazuliError } from '../../core/config/errors.ts';
import { type DocumentLayout, readLayout } from '../../core/documents/document-layout.ts';
import type { Turns } from '../../core/runtime/turns.ts';
import { IndexVanished } from '../answers.ts';
import { type Catalog, type IndexedEntity, readIn } from '../catalogs.ts';
import type { SearchEngine, ServingIndex } from '../opensearch.ts';

/** An entity type as documents in the index that serves have it, and that index. */
export interface Reading<E extends IndexedEntity = IndexedEntity> {
  readonly index: ServingIndex;
  readonly layout: DocumentLayout;
  readonly entity: E;
}

/** By alias; those of one catalog are of one generation. */
type Indices = ReadonlyMap<string, ServingIndex>;

interface Question {
  readonly asked: number;
  readonly answer: Promise<Indices>;
}

/** What a request was answered from: an index of another layout than is declared, or none that can be read. */
export type OtherLayout = 'read' | 'refused';

/** For how long an answer is used, in milliseconds, from when it was asked for: a swap is seen so much later at most. */
const memoryMillis = 1000;

export interface ServingOptions {
  /** in which requests search; absent: all at once */
  readonly turns?: Pick<Turns, 'take'>;
  readonly onOther?: (what: OtherLayout) => void;
  /** milliseconds that only grow */
  readonly now?: () => number;
}

const allAtOnce: Pick<Turns, 'take'> = { take: (_signal, work) => work() };

/**
 * Leads requests to the indices that serve, and says how to read their documents. It asks for all indices of a
 * catalog at one moment, at most once a second, so each request reads one generation only (architecture, invariant 15).
 * One that ceased to serve since then is still there, and as good as it was.
 */
export class Serving {
  readonly #engine: Pick<SearchEngine, 'serving'>;
  readonly #turns: Pick<Turns, 'take'>;
  readonly #onOther: (what: OtherLayout) => void;
  readonly #now: () => number;
  /** the last one of each catalog */
  readonly #questions = new Map<Catalog, Question>();
  /** the last one of each entity type */
  readonly #readings = new Map<IndexedEntity, Reading>();

  constructor(
    engine: Pick<SearchEngine, 'serving'>,
    { turns = allAtOnce, onOther = () => {}, now = () => performance.now() }: ServingOptions = {},
  ) {
    this.#engine = engine;
    this.#turns = turns;
    this.#onOther = onOther;
    this.#now = now;
  }

  /**
   * Searches when it is the request's turn.
   *
   * @param signal aborts when nobody waits for it any more
   * @throws LazuliError `not_found`, `unavailable`, `overloaded`, `layout_unknown`; the reason of the signal
   */
  async with<E extends IndexedEntity, T>(
    signal: AbortSignal,
    catalog: Catalog,
    entity: E,
    work: (reading: Reading<E>) => Promise<T>,
  ): Promise<T> {
    const one = async ([reading]: readonly (Reading<E> | null)[]) => (reading ? work(reading) : missing(entity.type));
    return this.withAll(signal, catalog, [entity], one);
  }

  /**
   * The same for several entity types. Where an index vanished meanwhile, work is done once more with those that serve then.
   *
   * @param work is given a null for each entity type that the generation that serves doesn't know
   * @throws as `with`
   */
  async withAll<E extends IndexedEntity, T>(
    signal: AbortSignal,
    catalog: Catalog,
    entities: readonly E[],
    work: (readings: readonly (Reading<E> | null)[]) => Promise<T>,
  ): Promise<T> {
    return this.#turns.take(signal, () => this.#withAll(signal, catalog, entities, work));
  }

  async #withAll<E extends IndexedEntity, T>(
    signal: AbortSignal,
    catalog: Catalog,
    entities: readonly E[],
    work: (readings: readonly (Reading<E> | null)[]) => Promise<T>,
  ): Promise<T> {
    const question = this.#ask(catalog);
    const done = async ({ answer }: Question) => {
      const readings = this.#readingsOf(entities, await answer);
      signal.throwIfAborted();
      return this.#watched(catalog, work(readings));
    };
    try {
      return await done(question);
    } catch (error) {
      if (!(error instanceof IndexVanished)) throw error;
      this.#forget(catalog, question);
      return done(this.#ask(catalog));
    }
  }

  /** Searches may take long. The question which indices serve shows sooner whether OpenSearch hangs. */
  async #watched<T>(catalog: Catalog, work: Promise<T>): Promise<T> {
    if (!(await endsWithin(memoryMillis, work))) await this.#ask(catalog).answer;
    return work;
  }

  /** Shared by all who come until it is asked again. Those who wait get a failure, and it is forgotten. */
  #ask(catalog: Catalog): Question {
    const [last, asked] = [this.#questions.get(catalog), this.#now()];
    if (last !== undefined && asked - last.asked <= memoryMillis) return last;
    const answer = this.#engine.serving([...catalog.indexed.values()].map(({ alias }) => alias));
    const question = { asked, answer };
    this.#questions.set(catalog, question);
    answer.catch(() => this.#forget(catalog, question));
    return question;
  }

  /** What was asked since is kept. */
  #forget(catalog: Catalog, question: Question): void {
    if (this.#questions.get(catalog) === question) this.#questions.delete(catalog);
  }

  #readingsOf<E extends IndexedEntity>(entities: readonly E[], found: Indices): readonly (Reading<E> | null)[] {
    const readings = entities.map((entity) => {
      const index = found.get(entity.alias);
      return index === undefined ? null : this.#reading(entity, index);
    });
    const known = readings.find((one) => one !== null)?.layout.entityTypes;
    entities.forEach(({ type }, i) => {
      if (readings[i] === null && known?.includes(type) !== false) missing(type);
    });
    if (readings.some((reading, i) => reading?.entity !== entities[i])) this.#onOther('read');
    return readings;
  }

  /** @throws LazuliError `layout_unknown` */
  #reading<E extends IndexedEntity>(entity: E, index: ServingIndex): Reading<E> {
    const last = this.#readings.get(entity) as Reading<E> | undefined;
    if (last?.index.uuid === index.uuid) return last;
    const layout = readLayout(index.layout, entity.layout);
    if (layout === null) {
      this.#onOther('refused');
      throw unknownLayout(entity.type, index);
    }
    const reading = { index, layout, entity: readIn(entity, layout) };
    this.#readings.set(entity, reading);
    return reading;
  }
}

async function endsWithin(millis: number, work: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), millis);
  try {
    return await Promise.race([work.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws LazuliError `not_found` */
function missing(type: string): never {
  throw new LazuliError('not_found', `There is no index of ${type} in this catalog yet.`, {
    remedy: 'It is there once the transform worker has built a generation that has it: `lazuli runs show` tells.',
  });
}

function unknownLayout(type: string, { name, layout }: ServingIndex): LazuliError {
  const what = JSON.stringify(layout, ['layout', 'plugin', 'pluginVersion']) ?? 'nothing';
  return new LazuliError('layout_unknown', `This version of the service can't read the index of ${type}.`, {
    remedy:
      'Try again later: it can once the catalog is indexed as this version does, or once the service is of a later version.',
    cause: new Error(`${name} says of its layout: ${what}`),
  });
}
