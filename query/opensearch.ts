import { Client, errors } from '@opensearch-project/opensearch';
import { z } from 'zod';
import { LazuliError } from '../config/errors.ts';
import type { Json } from '../plugins/metadata.ts';
import { readAliasOf } from '../transform/index-layout.ts';

/** What the service needs of a search engine. */
export interface SearchEngine {
  /**
   * The indices behind read aliases at one moment, told apart from former ones of the same name.
   *
   * @returns by alias; one without index is missing
   * @throws LazuliError `unavailable`
   */
  serving(aliases: readonly string[]): Promise<ReadonlyMap<string, ServingIndex>>;
  /**
   * What an index says of its layout, if anything.
   *
   * @throws LazuliError `unavailable`, also where that very index is gone
   */
  layout(index: ServingIndex): Promise<unknown>;
  /**
   * Runs searches side by side; results in the order of the searches.
   *
   * @throws LazuliError `unavailable` when the engine is down, overloaded or too slow
   */
  search(searches: readonly Search[]): Promise<readonly SearchResult[]>;
  /** @throws LazuliError `unavailable` */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** An index that serves. */
export interface ServingIndex {
  readonly name: string;
  /** no other index ever has it */
  readonly uuid: string;
}

export interface Search {
  readonly index: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** the engine remembers the answer until a refresh, as it does anyway where no hits are asked for */
  readonly cached?: true;
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

/** The part of the client that is used: its transport. */
interface Transport {
  request(
    params: { method: string; path: string; querystring?: Record<string, string>; bulkBody?: string },
    options: { requestTimeout: number; maxRetries: number; ignore?: number[] },
  ): Promise<{ body: unknown; statusCode: number | null }>;
}

export interface EngineOptions {
  /** milliseconds after which a search is given up; below the time limit of common gateways */
  readonly searchMillis: number;
  readonly pingMillis: number;
}
const defaults: EngineOptions = { searchMillis: 15_000, pingMillis: 3_000 };

/** Connects to OpenSearch; nothing is sent before the first call. */
export function connect(url: string, { searchMillis, pingMillis }: EngineOptions = defaults): SearchEngine {
  const client = new Client({ node: url, maxRetries: 0 });
  const transport: Transport = client.transport;
  const once = (requestTimeout: number) => ({ requestTimeout, maxRetries: 0 });
  return {
    serving: async (aliases) => {
      const path = `/${aliases.map(encodeURIComponent).join(',')}/_settings/index.uuid`;
      const request = transport.request({ method: 'GET', path, querystring: whichever }, once(pingMillis));
      return byAlias((await request.catch(unavailable)).body);
    },
    layout: async ({ name, uuid }) => {
      const path = `/${encodeURIComponent(name)}`;
      const querystring = { ...whichever, filter_path: '*.mappings._meta,*.settings.index.uuid' };
      const { body } = await transport
        .request({ method: 'GET', path, querystring }, once(pingMillis))
        .catch(unavailable);
      const index = described.parse(body)[name];
      if (index?.settings.index.uuid !== uuid) throw engineUnavailable(new Error(`${name} was replaced`));
      return index.mappings?._meta;
    },
    search: async (searches) => {
      const bulkBody = searchLines(searches);
      const { body } = await transport
        .request({ method: 'POST', path: '/_msearch', bulkBody }, once(searchMillis))
        .catch(unavailable);
      return answers.parse(body).responses.map(resultOf);
    },
    ping: async () => {
      await transport.request({ method: 'HEAD', path: '/' }, once(pingMillis)).catch(unavailable);
    },
    close: () => client.close(),
  };
}

/** What isn't there is left out of the answer. */
const whichever = { ignore_unavailable: 'true' };

const settings = z.object({ index: z.object({ uuid: z.string() }) });
const mappings = z.object({ _meta: z.unknown() });
const described = z.record(z.string(), z.object({ settings, mappings: mappings.optional() }));

/** The names of indices tell which aliases they can be behind. */
function byAlias(body: unknown): ReadonlyMap<string, ServingIndex> {
  const found = Object.entries(described.parse(body)).map(([name, { settings }]) => {
    return [readAliasOf(name) ?? name, { name, uuid: settings.index.uuid }] as const;
  });
  return new Map(found);
}

/** Several searches as one body of an `_msearch` request. */
export function searchLines(searches: readonly Search[]): string {
  return searches.map((search) => `${header(search)}\n${JSON.stringify(search.body)}\n`).join('');
}

/** A part of the documents is no answer. */
const header = ({ index, cached }: Search): string =>
  JSON.stringify({ index, allow_partial_search_results: false, ...(cached ? { request_cache: true } : {}) });

const hit = z.object({
  _source: z.custom<Readonly<Record<string, Json>>>((value) => value !== null && typeof value === 'object').optional(),
  sort: z.array(z.unknown()).optional(),
});
const found = z.object({
  status: z.int().optional(),
  hits: z.object({ total: z.object({ value: z.int() }), hits: z.array(hit) }),
  aggregations: z.record(z.string(), z.unknown()).optional(),
});
const failed = z.object({ status: z.int(), error: z.unknown() });
const answers = z.object({ responses: z.array(z.union([found, failed])) });

function resultOf(answer: z.output<typeof found> | z.output<typeof failed>): SearchResult {
  if (!('hits' in answer)) throw searchFailure(answer.status, answer.error);
  return {
    total: answer.hits.total.value,
    hits: answer.hits.hits.map(({ _source, sort }) => ({ source: _source ?? {}, sort: sort ?? [] })),
    aggregations: answer.aggregations ?? {},
  };
}

/** A missing index was replaced since the request began; asking again helps. */
function searchFailure(status: number, error: unknown): Error {
  const cause = new Error(JSON.stringify(error)?.slice(0, 2000));
  if (status === 404 || isTransient(status)) return engineUnavailable(cause);
  return new Error(`OpenSearch refused a search with status ${status}`, { cause });
}

function unavailable(error: unknown): never {
  if (error instanceof errors.ResponseError && !isTransient(error.statusCode ?? 500)) throw error;
  throw engineUnavailable(error);
}

const isTransient = (status: number): boolean => status === 429 || status >= 500;

function engineUnavailable(cause: unknown): LazuliError {
  return new LazuliError('unavailable', 'The search engine is not available.', {
    remedy: 'Try again in a few seconds.',
    cause,
  });
}
