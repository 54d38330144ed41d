import { Readable } from 'node:stream';
import { Client, errors } from '@opensearch-project/opensearch';
import { z } from 'zod';
import { LazuliError } from '../config/errors.ts';
import { parsedJson, shownText } from '../config/text.ts';
import { joined, release } from '../http/bytes.ts';
import { Printed, printed } from '../http/printed.ts';
import type { Json } from '../plugins/metadata.ts';
import { buildField, readAliasOf } from '../transform/index-layout.ts';
import { type ListReader, parseLifting } from './search/lifted-buckets.ts';

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
   * What an index says of itself.
   *
   * @throws LazuliError `unavailable`, also where that very index is gone
   */
  layout(index: ServingIndex): Promise<Told>;
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

/** What an index says of itself; it never changes. */
export interface Told {
  /** of its layout, if anything */
  readonly layout: unknown;
  /** the value of `_build` by which searches can tell it from all others; null where it was made before there was one */
  readonly build: string | null;
}

export interface Search {
  readonly index: string;
  readonly body: Readonly<Record<string, unknown>> | Printed<Readonly<Record<string, unknown>>>;
  /** the engine remembers the answer until a refresh, as it does anyway where no hits are asked for */
  readonly cached?: true;
  /** for all searches of a request: reads lists of buckets in its answer; those that it doesn't know are JSON arrays, as bytes */
  readonly lists?: (answer: Buffer) => ListReader;
}

export interface SearchResult {
  readonly total: number;
  readonly hits: readonly SearchHit[];
  readonly aggregations: Readonly<Record<string, unknown>>;
  /** Gives back the memory of lists of buckets, in all results of a request. Absent where nothing reads them. */
  readonly release?: () => void;
}

export interface SearchHit {
  readonly source: Readonly<Record<string, Json>>;
  readonly sort: readonly unknown[];
}

/** The part of the client that is used: its transport. */
interface Transport {
  request(
    params: { method: string; path: string; querystring?: Record<string, string>; bulkBody?: Buffer },
    options: { requestTimeout: number; maxRetries: number; ignore?: number[]; asStream?: true },
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
      const querystring = { ...whichever, filter_path: toldPaths };
      const { body } = await transport
        .request({ method: 'GET', path, querystring }, once(pingMillis))
        .catch(unavailable);
      const index = described.parse(body)[name];
      if (index?.settings.index.uuid !== uuid) throw engineUnavailable(new Error(`${name} was replaced`));
      return { layout: index.mappings?._meta, build: index.mappings?.properties?.[buildField].value ?? null };
    },
    search: async (searches) => {
      const request = { method: 'POST', path: '/_msearch', bulkBody: searchLines(searches) };
      const asked = transport.request(request, { ...once(searchMillis), asStream: true });
      const { body, statusCode } = await asked.catch(unavailable);
      const bytes = await contentOf(body).catch(unavailable);
      if (statusCode !== 200) throw searchFailure(statusCode ?? 500, shownText(bytes));
      const reader = searches.find(({ lists }) => lists)?.lists?.(bytes);
      const results = answers.parse(parsed(bytes, reader)).responses.map(resultOf);
      const releaseAll = () => {
        reader?.release();
        release(bytes);
      };
      if (reader !== undefined) return results.map((result) => ({ ...result, release: releaseAll }));
      releaseAll();
      return results;
    },
    ping: async () => {
      await transport.request({ method: 'HEAD', path: '/' }, once(pingMillis)).catch(unavailable);
    },
    close: () => client.close(),
  };
}

/** What isn't there is left out of the answer. */
const whichever = { ignore_unavailable: 'true' };

/** As bytes: the client would decode, join and search what it reads before it parses it. */
const contentOf = (body: unknown): Promise<Buffer<ArrayBuffer>> =>
  new Promise((resolve, reject) => {
    if (!(body instanceof Readable)) throw new TypeError('The client gave no stream');
    const chunks: Buffer<ArrayBuffer>[] = [];
    body
      .on('data', (chunk: Buffer<ArrayBuffer>) => chunks.push(chunk))
      .on('end', () => {
        resolve(joined(chunks));
        for (const chunk of chunks) release(chunk);
      })
      .on('error', reject);
  });

function parsed(bytes: Buffer, reader: ListReader | undefined): unknown {
  try {
    return reader === undefined ? parsedJson(bytes) : parseLifting(bytes, reader);
  } catch (error) {
    throw engineUnavailable(error);
  }
}

const settings = z.object({ index: z.object({ uuid: z.string() }) });
const build = z.object({ [buildField]: z.object({ value: z.string() }) });
const mappings = z.object({ _meta: z.unknown(), properties: build.optional() });
const toldPaths = `*.mappings._meta,*.mappings.properties.${buildField}.value,*.settings.index.uuid`;
const described = z.record(z.string(), z.object({ settings, mappings: mappings.optional() }));

/** The names of indices tell which aliases they can be behind. */
function byAlias(body: unknown): ReadonlyMap<string, ServingIndex> {
  const found = Object.entries(described.parse(body)).map(([name, { settings }]) => {
    return [readAliasOf(name) ?? name, { name, uuid: settings.index.uuid }] as const;
  });
  return new Map(found);
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
const header = ({ index, cached }: Pick<Search, 'index' | 'cached'>): string =>
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
