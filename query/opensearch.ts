import { Client } from '@opensearch-project/opensearch';
import { z } from 'zod';
import { jsonOrText, parsedJson } from '../core/config/text.ts';
import { readAliasOf } from '../core/documents/index-layout.ts';
import { joined, release } from '../core/http/bytes.ts';
import { Printed, printed } from '../core/http/printed.ts';
import type { Json } from '../core/model/metadata.ts';
import { type EngineAnswer, type EngineRequest, exchange } from '../core/search/exchange.ts';
import { exactTotal, ofAllDocuments } from '../core/search/search-answers.ts';
import { answered, answeredJson, IndexVanished, noAnswer, refusedBy } from './answers.ts';
import type { Query } from './filter/opensearch.ts';

/** What the service needs of a search engine. */
export interface SearchEngine {
  /**
   * The indices behind read aliases at one moment.
   *
   * @returns by alias; one without index is missing
   * @throws LazuliError `unavailable`
   */
  serving(aliases: readonly string[]): Promise<ReadonlyMap<string, ServingIndex>>;
  /**
   * Runs searches side by side; results in the order of the searches, each about all documents of its index.
   *
   * @param signal aborts when nobody wants them any more: the engine then ends them, too
   * @throws LazuliError `unavailable` when the engine is down, overloaded or too slow
   * @throws IndexVanished
   * @throws the reason of the signal
   */
  search(searches: readonly Search[], signal: AbortSignal): Promise<readonly SearchResult[]>;
  /** @throws LazuliError `unavailable` */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** An index that serves. */
export interface ServingIndex {
  readonly name: string;
  /** no other index ever has it, not even one of the same name */
  readonly uuid: string;
  /** what it says of its layout, if anything; it never changes */
  readonly layout: unknown;
}

export interface Search {
  readonly index: string;
  /** names copies of shards: see `preferenceOf` */
  readonly preference: string;
  /** a printed one asks for no hits */
  readonly body: SearchBody | Printed<Query>;
  /** the engine remembers the answer until a refresh, as it does anyway where no hits are asked for */
  readonly cached?: true;
}

/** What is asked for of hits is what an answer must have. */
interface AskedHits {
  readonly size: number;
  readonly sort?: readonly Query[];
  readonly search_after?: readonly unknown[];
}

/** Without being told to count all hits the engine stops at 10,000, and that is no answer here. */
export interface SearchBody extends Query, AskedHits {
  readonly track_total_hits: true;
}

export interface SearchResult {
  readonly total: number;
  readonly hits: readonly SearchHit[];
  readonly aggregations: Readonly<Record<string, unknown>>;
}

export interface SearchHit {
  readonly source: Readonly<Record<string, Json>>;
  readonly sort: readonly unknown[];
}

export interface EngineOptions {
  /** milliseconds after which a search is given up; below the time limit of common gateways */
  readonly searchMillis: number;
  readonly pingMillis: number;
}
const defaults: EngineOptions = { searchMillis: 15_000, pingMillis: 3_000 };

/** Connects to OpenSearch; nothing is sent before the first call. */
export function connect(url: string, { searchMillis, pingMillis }: EngineOptions = defaults): SearchEngine {
  const client = new Client({ node: url });
  const ask = (request: EngineRequest, millis: number, signal?: AbortSignal): Promise<EngineAnswer> =>
    exchange(client, request, millis, signal).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw noAnswer(error);
    });
  const get = async (request: Omit<EngineRequest, 'method'>): Promise<unknown> =>
    succeeded(await ask({ method: 'GET', ...request }, pingMillis));
  return {
    serving: async (aliases) => {
      const path = `/${aliases.map(encodeURIComponent).join(',')}`;
      const describe = async (querystring: Record<string, string>) =>
        indicesBehind(aliases, await get({ path, querystring: { ...toldPaths, ...querystring } }));
      const found = await describe({}).catch(unlessMissing);
      if (found?.size === aliases.length) return found;
      if (found === null) return describe({ ignore_unavailable: 'true' });
      throw noAnswer(new Error(`Only ${[...found.keys()].join(', ')} of ${path} are described`));
    },
    search: async (searches, signal) => {
      // It ends them by itself when we hang up. Should it not notice, then because they take too long.
      const querystring = { cancel_after_time_interval: `${searchMillis}ms` };
      const request = { method: 'POST', path: '/_msearch', querystring, bulkBody: searchLines(searches) };
      const answer = await ask(request, searchMillis, signal);
      const results = resultsOf(searches, succeeded(answer));
      release(answer.bytes);
      return results;
    },
    ping: async () => {
      answered(pinged, await get({ path: '/' }));
    },
    close: () => client.close(),
  };
}

/** @throws LazuliError `unavailable`, IndexVanished, Error: what the status says where it is no success */
function succeeded({ status, bytes }: EngineAnswer): unknown {
  if (status === 200) return answeredJson(() => parsedJson(bytes));
  throw refusedBy(status, jsonOrText(bytes));
}

const pinged = z.object({ version: z.object({ number: z.string() }) });

const toldPaths = { filter_path: '*.mappings._meta,*.settings.index.uuid' };
const described = z.record(
  z.string(),
  z.object({
    settings: z.object({ index: z.object({ uuid: z.string() }) }),
    mappings: z.object({ _meta: z.unknown() }).optional(),
  }),
);

/** The names of indices tell which aliases they can be behind. */
function indicesBehind(aliases: readonly string[], body: unknown): ReadonlyMap<string, ServingIndex> {
  const indices = Object.entries(answered(described, body)).map(([name, { settings, mappings }]) => {
    return [readAliasOf(name) ?? name, { name, uuid: settings.index.uuid, layout: mappings?._meta }] as const;
  });
  const found = new Map(indices);
  if (found.size === indices.length && [...found.keys()].every((alias) => aliases.includes(alias))) return found;
  throw noAnswer(
    new Error(`Behind ${aliases.join(', ')} are said to be ${indices.map(([, { name }]) => name).join(', ')}`),
  );
}

/** That OpenSearch knows no index of one of the names is an answer. */
function unlessMissing(error: unknown): null {
  if (error instanceof IndexVanished) return null;
  throw error;
}

/** Several searches as one body of an `_msearch` request. */
export const searchLines = (searches: readonly Search[]): Buffer =>
  joined(
    searches.flatMap(({ body, ...search }) => {
      const { parts } = body instanceof Printed ? body : printed(body);
      return [`${header(search)}\n`, ...parts, '\n'];
    }),
  );

/** A part of the documents is no answer. */
const header = ({ index, preference, cached }: Pick<Search, 'index' | 'preference' | 'cached'>): string =>
  JSON.stringify({
    index,
    preference,
    allow_partial_search_results: false,
    ...(cached ? { request_cache: true } : {}),
  });

const hit = z.object({
  _source: z.custom<Readonly<Record<string, Json>>>((value) => value !== null && typeof value === 'object'),
  sort: z.array(z.unknown()).optional(),
});
const found = ofAllDocuments.extend({
  status: z.literal(200),
  hits: z.object({ total: exactTotal, hits: z.array(hit) }),
  aggregations: z.record(z.string(), z.unknown()).optional(),
});
const failed = z.object({ status: z.int(), error: z.unknown() });
const answers = z.object({ responses: z.array(z.union([found, failed])) });

/** As many as were asked for, of what was asked for. */
function resultsOf(searches: readonly Search[], body: unknown): readonly SearchResult[] {
  const { responses } = answered(answers, body);
  const results = searches.flatMap((search, i) => {
    const response = responses[i];
    return response === undefined ? [] : [resultOf(search, response)];
  });
  if (results.length === searches.length && responses.length === searches.length) return results;
  throw noAnswer(new Error(`${responses.length} answers to ${searches.length} searches`));
}

function resultOf({ body }: Search, answer: z.output<typeof found> | z.output<typeof failed>): SearchResult {
  if (!('hits' in answer)) throw refusedBy(answer.status, answer);
  const { total, hits } = answer.hits;
  requireHits(body instanceof Printed ? { size: 0 } : body, total.value, hits);
  return {
    total: total.value,
    hits: hits.map(({ _source, sort = [] }) => ({ source: _source, sort })),
    aggregations: answer.aggregations ?? {},
  };
}

function requireHits(asked: AskedHits, total: number, hits: readonly z.output<typeof hit>[]): void {
  const most = Math.min(asked.size, total);
  const enough = asked.search_after === undefined ? hits.length === most : hits.length <= most;
  const sorted = hits.every(({ sort }) => sort?.length === asked.sort?.length);
  if (!enough || !sorted)
    throw noAnswer(new Error(`${hits.length} hits of ${total}, where ${asked.size} were asked for`));
}
