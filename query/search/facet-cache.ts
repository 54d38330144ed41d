import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { merged } from '../../http/printed.ts';
import type { SearchEngine, SearchResult, ServingIndex } from '../opensearch.ts';
import { facetAnswers, type PrintedFacets, termLists } from './facet-answers.ts';
import type { FacetSearch } from './facets.ts';
import { type IndexState, stateWithin } from './index-state.ts';

/** Facets of one search, and the state of the index that they are of. */
interface Answer {
  readonly state: IndexState;
  readonly facets: PrintedFacets;
}

/** A search that was sent and isn't answered yet. */
interface Flight {
  /** number of the moment at which it was sent */
  readonly sent: number;
  readonly answer: Promise<Answer>;
}

/** By the keys of their searches. */
type Flights = ReadonlyMap<string, Flight>;

/** What became of a facet search: found in memory, waited for with others who asked the same, or sent. */
export type Lookup = 'remembered' | 'joined' | 'sent';

export interface FacetCacheOptions {
  /** of answers as JSON; 0: nothing is remembered, and only who asks at the same time shares */
  readonly maxBytes: number;
  readonly onLookup?: (lookup: Lookup) => void;
}

interface Wanted {
  readonly key: string;
  readonly search: FacetSearch;
}

/**
 * Answers facet searches, which cost many times what a page of hits costs and are the same for all pages of a list.
 *
 * The key of an answer is the index by its UUID, so one generation, and the whole search body: entity type,
 * filters, and what the caller may see. An answer is kept under the state of the index that it reports itself, and
 * given only to requests that found the index in that very state, or that began before it was asked for.
 * So none is older than the request, refreshes being what makes writes visible, and none is another caller's.
 */
export class FacetCache {
  readonly #engine: Pick<SearchEngine, 'search'>;
  readonly #answers: LRUCache<string, Answer> | undefined;
  readonly #flights = new Map<string, Flight>();
  readonly #onLookup: (lookup: Lookup) => void;
  #now = 0;

  constructor(engine: Pick<SearchEngine, 'search'>, { maxBytes, onLookup = () => {} }: FacetCacheOptions) {
    this.#engine = engine;
    this.#onLookup = onLookup;
    if (maxBytes > 0) this.#answers = new LRUCache({ maxSize: maxBytes, sizeCalculation: bytesOf });
  }

  /** Answers in memory, and their bytes. */
  get size(): { readonly answers: number; readonly bytes: number } {
    return { answers: this.#answers?.size ?? 0, bytes: this.#answers?.calculatedSize ?? 0 };
  }

  /**
   * The facets of some searches on an index.
   *
   * @param found the state in which this very request finds the index
   * @throws LazuliError `unavailable`
   */
  async facets(
    index: ServingIndex,
    searches: readonly FacetSearch[],
    found: Promise<IndexState>,
  ): Promise<PrintedFacets> {
    const since = this.#now++;
    const wanted = searches.map((search) => ({ key: keyOf(index, search), search }));
    const begun = this.#send(
      index,
      wanted.filter(({ key }) => this.#answers?.has(key) !== true),
    );
    const state = await found;
    const first = await this.#all(wanted, begun, state, since);
    const missing = wanted.filter((_one, i) => first[i] === undefined);
    // What is in flight now was sent after this request had begun.
    const second = await this.#all(missing, this.#send(index, missing), state, since);
    const late = second.values();
    const answers = first.map((answer) => answer ?? late.next().value);
    return merged(answers.flatMap((answer) => (answer === undefined ? [] : [answer.facets])));
  }

  #all(
    wanted: readonly Wanted[],
    flights: Flights,
    state: IndexState,
    since: number,
  ): Promise<readonly (Answer | undefined)[]> {
    return Promise.all(
      wanted.map(({ key }) => this.#answer(key, flights.get(key) ?? this.#flights.get(key), state, since)),
    );
  }

  async #answer(
    key: string,
    flight: Flight | undefined,
    state: IndexState,
    since: number,
  ): Promise<Answer | undefined> {
    if (flight === undefined) return this.#remembered(key, state);
    const answer = await flight.answer;
    if (flight.sent < since && answer.state !== state) return undefined;
    if (flight.sent < since) this.#onLookup('joined');
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
  #send(index: ServingIndex, wanted: readonly Wanted[]): Flights {
    this.#sendNew(
      index,
      wanted.filter(({ key }) => !this.#flights.has(key)),
    );
    return new Map(
      wanted.flatMap(({ key }) => {
        const flight = this.#flights.get(key);
        return flight === undefined ? [] : [[key, flight]];
      }),
    );
  }

  #sendNew(index: ServingIndex, own: readonly Wanted[]): void {
    const sent = this.#now++;
    if (own.length === 0) return;
    const fields = own.flatMap(({ search }) => search.fields);
    const results = this.#engine.search(
      own.map(({ search }) => ({ index: index.name, body: search.body, lists: termLists(fields) })),
    );
    const landed = results.then((all) => this.#landed(own, all));
    own.forEach(({ key }, i) => {
      // Who has waited for it finds it in memory, and no more in flight.
      const answer = landed.then((answers) => answers[i] as Answer).finally(() => this.#flights.delete(key));
      // Who waits is told of a failure; that nobody may be waiting is no further one.
      answer.catch(() => {});
      this.#flights.set(key, { sent, answer });
      this.#onLookup('sent');
    });
  }

  #landed(own: readonly Wanted[], results: readonly SearchResult[]): readonly Answer[] {
    const answers = own.map(({ key, search }, i) => this.#landedOne(key, search, results[i]));
    for (const { release } of results) release?.();
    return answers;
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
function keyOf({ uuid }: ServingIndex, { fields, body }: FacetSearch): string {
  const others = fields.flatMap(({ name, indexed }) => (indexed ? [] : [name]));
  return `${uuid} ${JSON.stringify(others)} ${hash('sha256', body.bytes, 'base64')}`;
}
