import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { merged } from '../../core/http/printed.ts';
import { Waiting } from '../../core/runtime/waiting.ts';
import type { SearchEngine, SearchResult, ServingIndex } from '../opensearch.ts';
import { facetAnswers, isExact, type PrintedFacets } from './facet-answers.ts';
import type { FacetSearch } from './facets.ts';
import { type IndexState, stateWithin } from './index-state.ts';

/** Facets of one search, and the state of the index that they are of. */
interface Answer {
  readonly state: IndexState;
  readonly facets: PrintedFacets;
}

/** Copies of the shards of an index: others may be a refresh ahead of them, or behind. */
export interface SearchedCopies {
  readonly index: ServingIndex;
  /** see `preferenceOf` */
  readonly preference: string;
}

/** A search that was sent and isn't answered yet. */
interface Flight {
  /** number of the moment at which it was sent */
  readonly sent: number;
  /** for it, and for what was sent along with it: once nobody does, it ends */
  readonly waiting: Waiting;
  readonly answer: Promise<Answer>;
  /** the same for others than who sent it; undefined once they have waited for it too long */
  readonly shared: Promise<Answer | undefined>;
}

/** By the keys of their searches and the copies that they read. */
type Flights = ReadonlyMap<string, Flight>;

/** What became of a facet search: found in memory, waited for with others who asked the same, or sent. */
export type Lookup = 'remembered' | 'joined' | 'sent';

export interface FacetCacheOptions {
  /** of answers as JSON; 0: nothing is remembered, and only who asks at the same time shares */
  readonly maxBytes: number;
  readonly onLookup?: (lookup: Lookup) => void;
  /** milliseconds for which a search that was sent is shared with others */
  readonly sharedMillis?: number;
}

/** What a request waits for facets with. */
interface Asked {
  readonly state: IndexState;
  /** number of the moment at which it began */
  readonly since: number;
  readonly signal: AbortSignal;
}

interface Wanted {
  readonly key: string;
  readonly flight: string;
  readonly search: FacetSearch;
}

/** Much longer than answers take; a request that would wait longer for another one's search sends its own. */
const defaultSharedMillis = 2000;

/**
 * Answers facet searches, which cost many times what a page of hits costs and are the same for all pages of a list.
 *
 * The key of an answer is the index by its UUID, so one generation, and the whole search body: entity type,
 * filters, and what the caller may see. An answer is kept under the state of the index that it reports itself, and
 * given only to requests that found the index in that very state, or that began before it was asked for.
 * So no answer is older than the request, as refreshes make writes visible, and none is another caller's. Requests
 * share a search that is under way only where they read the same copies. It ends when nobody waits for it any more.
 */
export class FacetCache {
  readonly #engine: Pick<SearchEngine, 'search'>;
  readonly #answers: LRUCache<string, Answer> | undefined;
  readonly #flights = new Map<string, Flight>();
  readonly #onLookup: (lookup: Lookup) => void;
  readonly #sharedMillis: number;
  #now = 0;

  constructor(
    engine: Pick<SearchEngine, 'search'>,
    { maxBytes, onLookup = () => {}, sharedMillis = defaultSharedMillis }: FacetCacheOptions,
  ) {
    this.#engine = engine;
    this.#onLookup = onLookup;
    this.#sharedMillis = sharedMillis;
    if (maxBytes > 0) this.#answers = new LRUCache({ maxSize: maxBytes, sizeCalculation: bytesOf });
  }

  /** Answers in memory, and their bytes. */
  get size(): { readonly answers: number; readonly bytes: number } {
    return { answers: this.#answers?.size ?? 0, bytes: this.#answers?.calculatedSize ?? 0 };
  }

  /**
   * The facets of some searches.
   *
   * @param found the state in which this very request finds the index
   * @param signal aborts when nobody waits for them any more
   * @throws LazuliError `unavailable`; the reason of the signal
   */
  async facets(
    copies: SearchedCopies,
    searches: readonly FacetSearch[],
    found: Promise<IndexState>,
    signal: AbortSignal,
  ): Promise<PrintedFacets> {
    // Who fails before, or for the same reason, has no further failure.
    found.catch(() => {});
    const since = this.#now++;
    const wanted = searches.map((search) => wantedOf(copies, search));
    const begun = this.#send(
      copies,
      wanted.filter(({ key }) => this.#answers?.has(key) !== true),
      signal,
    );
    const asked = { state: await found, since, signal };
    const first = await this.#all(wanted, begun, asked);
    const missing = wanted.filter((_one, i) => first[i] === undefined);
    // What is in flight now was sent after this request had begun.
    const second = await this.#all(missing, this.#send(copies, missing, signal), asked);
    const late = second.values();
    const answers = first.map((answer) => answer ?? late.next().value);
    return merged(answers.flatMap((answer) => (answer === undefined ? [] : [answer.facets])));
  }

  #all(wanted: readonly Wanted[], flights: Flights, asked: Asked): Promise<readonly (Answer | undefined)[]> {
    return Promise.all(
      wanted.map(({ key, flight }) => this.#answer(key, flights.get(flight) ?? this.#flights.get(flight), asked)),
    );
  }

  async #answer(key: string, flight: Flight | undefined, { state, since, signal }: Asked): Promise<Answer | undefined> {
    if (flight === undefined) return this.#remembered(key, state);
    flight.waiting.join(signal);
    if (flight.sent > since) return flight.answer;
    const answer = await flight.shared;
    if (answer?.state !== state) return undefined;
    this.#onLookup('joined');
    return answer;
  }

  #remembered(key: string, state: IndexState): Answer | undefined {
    const answer = this.#answers?.get(key);
    if (answer?.state !== state) return undefined;
    this.#onLookup('remembered');
    return answer;
  }

  /**
   * Those that are in flight are left alone.
   *
   * @returns the flights of all: who waits for something else meanwhile finds their answers there, even where
   *   none is remembered
   */
  #send(copies: SearchedCopies, wanted: readonly Wanted[], signal: AbortSignal): Flights {
    this.#sendNew(
      copies,
      wanted.filter(({ flight }) => !this.#flights.has(flight)),
      signal,
    );
    return new Map(
      wanted.flatMap(({ flight: key }) => {
        const flight = this.#flights.get(key);
        flight?.waiting.join(signal);
        return flight === undefined ? [] : [[key, flight]];
      }),
    );
  }

  #sendNew(copies: SearchedCopies, own: readonly Wanted[], signal: AbortSignal): void {
    const sent = this.#now++;
    if (own.length === 0) return;
    signal.throwIfAborted();
    const waiting = new Waiting();
    waiting.join(signal);
    const results = this.#exactly(copies, own, waiting.signal);
    const landed = results.then((all) => this.#landed(own, all));
    own.forEach(({ flight }, i) => {
      const answer = landed.then((answers) => answers[i] as Answer);
      this.#fly(flight, { sent, waiting, answer });
      this.#onLookup('sent');
    });
  }

  /** Where shards have cut so much that counts may be off, the search is sent once more, with more terms of each shard. */
  async #exactly(
    { index, preference }: SearchedCopies,
    own: readonly Wanted[],
    signal: AbortSignal,
  ): Promise<readonly SearchResult[]> {
    const search = (bodies: readonly FacetSearch['body'][]) =>
      this.#engine.search(
        bodies.map((body) => ({ index: index.name, preference, body })),
        signal,
      );
    const first = await search(own.map((one) => one.search.body));
    const cut = own.filter((one, i) => first[i] !== undefined && !isExact(one.search, first[i]));
    if (cut.length === 0) return first;
    const wider = await search(cut.map((one) => one.search.wider()));
    return own.map((wanted, i) => (wider[cut.indexOf(wanted)] ?? first[i]) as SearchResult);
  }

  /** Requests that waited for it find it in memory, and no longer in flight. */
  #fly(key: string, { sent, waiting, answer: landed }: Omit<Flight, 'shared'>): void {
    const late = Promise.withResolvers<undefined>();
    const end = () => {
      clearTimeout(timer);
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    const timer = setTimeout(() => {
      end();
      late.resolve(undefined);
    }, this.#sharedMillis);
    // Nobody joins one that was given up.
    waiting.signal.addEventListener('abort', end, { once: true });
    const answer = landed.finally(end);
    const flight = { sent, waiting, answer, shared: Promise.race([answer, late.promise]) };
    // Those who wait get the failure; it is no further one if nobody waits.
    for (const one of [flight.answer, flight.shared]) one.catch(() => {});
    this.#flights.set(key, flight);
  }

  #landed(own: readonly Wanted[], results: readonly SearchResult[]): readonly Answer[] {
    return own.map(({ key, search }, i) => this.#landedOne(key, search, results[i]));
  }

  #landedOne(key: string, search: FacetSearch, result: SearchResult | undefined): Answer {
    if (result === undefined) throw new TypeError('The search engine gave no result for a search');
    const answer = { state: stateWithin(result), facets: facetAnswers(search, result) };
    this.#answers?.set(key, answer);
    return answer;
  }
}

/** About what it takes in memory. */
const bytesOf = ({ facets }: Answer): number => facets.bytes.length + 500;

/** Fields that aren't indexed are in the answer, and not in the body. */
function wantedOf({ index, preference }: SearchedCopies, search: FacetSearch): Wanted {
  const others = search.fields.flatMap(({ name, indexed }) => (indexed ? [] : [name]));
  const key = `${index.uuid} ${JSON.stringify(others)} ${hash('sha256', search.body.bytes, 'base64')}`;
  return { key, flight: `${preference} ${key}`, search };
}
