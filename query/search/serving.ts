import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { LazuliError } from '../../config/errors.ts';
import { type DocumentLayout, readLayout } from '../../transform/document-layout.ts';
import { buildField } from '../../transform/index-layout.ts';
import { type IndexedEntity, readIn } from '../catalogs.ts';
import type { Query } from '../filter/opensearch.ts';
import type { SearchEngine, ServingIndex, Told } from '../opensearch.ts';

/** An entity type as documents in the index that serves have it, and that index. */
export interface Reading<E extends IndexedEntity = IndexedEntity> {
  readonly index: ServingIndex;
  /** see `Told` */
  readonly build: string | null;
  readonly entity: E;
}

/** Where hits are asked for, and on which further conditions. */
export interface HitsFrom {
  readonly index: string;
  readonly only: readonly Query[];
}

/** By alias. */
type Indices = ReadonlyMap<string, ServingIndex>;

/** A question that is on its way, and the one that is asked when it is answered. */
interface Resolving {
  now: Promise<Indices>;
  next: Promise<Indices> | undefined;
}

/** What a request was answered from: an index of another layout than is declared, or none that can be read. */
export type OtherLayout = 'read' | 'refused';

/** Hits that take longer don't tell soon that OpenSearch hangs, in milliseconds; the question which index serves does. */
const patienceMillis = 1000;

/** Of indices: more than a deployment has. */
const mostLayouts = 1000;

/**
 * Leads requests to the indices that serve entity types, and tells how their documents are to be read. Each request resolves
 * its aliases once, so that a swap of generations in between can't mix two of them (architecture, invariant 15). Not to
 * wait for that, work begins with the indices of the last request, and begins anew where those don't serve any more. Who
 * asks an alias for hits of the last request's index alone, and finds some, knows that it still serves.
 * What an index says of its layout is asked for once, for it never changes.
 */
export class Serving {
  readonly #engine: Pick<SearchEngine, 'serving' | 'layout'>;
  readonly #onOther: (what: OtherLayout) => void;
  readonly #last = new Map<string, { readonly found: Indices; readonly readings: readonly (Reading | null)[] }>();
  readonly #resolving = new Map<string, Resolving>();
  readonly #layouts = new LRUCache<string, Promise<Told>>({ max: mostLayouts });

  constructor(engine: Pick<SearchEngine, 'serving' | 'layout'>, onOther: (what: OtherLayout) => void = () => {}) {
    this.#engine = engine;
    this.#onOther = onOther;
  }

  /** @throws LazuliError `not_found`, `unavailable`, `layout_unknown` */
  async with<E extends IndexedEntity, T>(entity: E, work: (reading: Reading<E>) => Promise<T>): Promise<T> {
    return this.withAll([entity], async ([reading]) => (reading ? work(reading) : missing(entity.type)));
  }

  /**
   * The same for work that asks for hits: where it finds some, nothing else has to be asked.
   *
   * @param found whether an answer has hits
   * @throws LazuliError `not_found`, `unavailable`, `layout_unknown`
   */
  async withHits<E extends IndexedEntity, T>(
    entity: E,
    work: (reading: Reading<E>, from: HitsFrom) => Promise<T>,
    found: (answer: T) => boolean,
  ): Promise<T> {
    const reading = this.#last.get(entity.alias)?.readings[0] as Reading<E> | null | undefined;
    if (reading && reading.build !== null) {
      const from = { index: entity.alias, only: [{ term: { [buildField]: reading.build } }] };
      const begun = work(reading, from).catch(() => null);
      if (!(await endsWithin(begun, patienceMillis))) await this.#resolve(entity.alias, [entity.alias]);
      const answer = await begun;
      if (answer !== null && found(answer)) {
        this.#note([entity], [reading]);
        return answer;
      }
      // Where something is wrong, it isn't tried with the same index once more.
      if (answer === null) this.#last.delete(entity.alias);
    }
    return this.with(entity, (serving) => work(serving, { index: serving.index.name, only: [] }));
  }

  /**
   * The same for several entity types, of one generation.
   *
   * @param work is given a null for each entity type that the generation that serves doesn't know; it must be async
   * @throws LazuliError `not_found`, `unavailable`, `layout_unknown`
   */
  async withAll<E extends IndexedEntity, T>(
    entities: readonly E[],
    work: (readings: readonly (Reading<E> | null)[]) => Promise<T>,
  ): Promise<T> {
    const aliases = entities.map(({ alias }) => alias);
    const key = aliases.join(',');
    // Those of one key are the same entities, read in the same way.
    const believed = this.#last.get(key) as { found: Indices; readings: readonly (Reading<E> | null)[] } | undefined;
    // It takes longer than resolving, so it goes first.
    const begun = believed === undefined ? undefined : work(believed.readings);
    // It doesn't count when it was about an index that doesn't serve any more.
    begun?.catch(() => {});
    if (begun !== undefined) await turn(); // what it asks first is sent first
    const found = await this.#resolve(key, aliases);
    if (begun !== undefined && believed !== undefined && sameIndices(believed.found, found)) {
      this.#note(entities, believed.readings);
      return begun;
    }
    this.#last.delete(key);
    const readings = await this.#read(entities, found);
    this.#last.set(key, { found, readings });
    this.#note(entities, readings);
    return work(readings);
  }

  async #read<E extends IndexedEntity>(
    entities: readonly E[],
    found: Indices,
  ): Promise<readonly (Reading<E> | null)[]> {
    const read = await Promise.all(
      entities.map(async (entity) => {
        const index = found.get(entity.alias);
        if (index === undefined) return null;
        const { layout, build } = await this.#layout(entity, index);
        return { layout, reading: { index, build, entity: readIn(entity, layout) } };
      }),
    );
    const known = read.find((one) => one !== null)?.layout.entityTypes ?? entities.map(({ type }) => type);
    return read.map((one, i) => {
      const type = entities[i]?.type ?? '';
      return one === null && known.includes(type) ? missing(type) : (one?.reading ?? null);
    });
  }

  /** @throws LazuliError `unavailable`, `layout_unknown` */
  async #layout(
    { type, layout }: IndexedEntity,
    index: ServingIndex,
  ): Promise<{ readonly layout: DocumentLayout; readonly build: string | null }> {
    const asked = this.#layouts.get(index.uuid) ?? this.#engine.layout(index);
    this.#layouts.set(index.uuid, asked);
    const told = await asked.catch((error: unknown) => {
      this.#layouts.delete(index.uuid);
      throw error;
    });
    const found = readLayout(told.layout, layout);
    if (found !== null) return { layout: found, build: told.build };
    this.#onOther('refused');
    throw unknownLayout(type, index, told.layout);
  }

  #note(entities: readonly IndexedEntity[], readings: readonly (Reading | null)[]): void {
    if (readings.some((reading, i) => reading?.entity !== entities[i])) this.#onOther('read');
  }

  /** Asks once for all who came since it was asked last: what was asked before somebody came is no answer for him. */
  #resolve(key: string, aliases: readonly string[]): Promise<Indices> {
    const resolving = this.#resolving.get(key);
    if (resolving === undefined) return this.#ask(key, aliases);
    resolving.next ??= resolving.now.catch(() => {}).then(() => this.#ask(key, aliases));
    return resolving.next;
  }

  #ask(key: string, aliases: readonly string[]): Promise<Indices> {
    const resolving: Resolving = { now: this.#engine.serving(aliases), next: undefined };
    this.#resolving.set(key, resolving);
    return resolving.now.finally(() => {
      if (resolving.next === undefined) this.#resolving.delete(key);
    });
  }
}

async function endsWithin(work: Promise<unknown>, millis: number): Promise<boolean> {
  const late = new AbortController();
  const waited = wait(millis, false, late).catch(() => false);
  const ended = await Promise.race([work.then(() => true), waited]);
  late.abort();
  return ended;
}

function sameIndices(some: Indices, others: Indices): boolean {
  return some.size === others.size && [...some].every(([alias, { uuid }]) => others.get(alias)?.uuid === uuid);
}

/** @throws LazuliError `not_found` */
function missing(type: string): never {
  throw new LazuliError('not_found', `There is no index of ${type} in this catalog yet.`, {
    remedy: 'It is there once the transform worker has built a generation that has it: `lazuli runs show` tells.',
  });
}

function unknownLayout(type: string, { name }: ServingIndex, told: unknown): LazuliError {
  const what = JSON.stringify(told, ['layout', 'plugin', 'pluginVersion']) ?? 'nothing';
  return new LazuliError('layout_unknown', `This version of the service can't read the index of ${type}.`, {
    remedy:
      'Try again later: it can once the catalog is indexed as this version does, or once the service is of a later version.',
    cause: new Error(`${name} says of its layout: ${what}`),
  });
}
