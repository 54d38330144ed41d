import { z } from 'zod';
import type { DrsHost, DrsSettings } from '../config/drs-settings.ts';
import { LazuliError } from '../config/errors.ts';
import { jsonOrNothing } from '../config/text.ts';
import { systemClock } from '../runtime/clock.ts';
import { inTime } from '../runtime/deadline.ts';
import { CompactIdentifiers, type DrsPlace } from './compact.ts';
import { objectsPath } from './path.ts';
import { askDrs, type DrsAnswer } from './request.ts';
import { parseDrsUri } from './uri.ts';

/** Where a data file can be had, or after how many seconds to ask again; null: nowhere that a caller could go to. */
export type DrsLocation = { readonly url: string } | { readonly retryAfter: number } | null;

/** Who asks. */
export interface DrsCaller {
  /** the caller's own header */
  readonly authorization?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What access a client takes. */
export interface DrsAccess {
  /** in the order in which they are tried */
  readonly kinds: readonly string[];
  /** beside what is checked of every URL */
  readonly accepts: (url: URL) => boolean;
}
/** Other kinds aren't for browsers and `curl`. */
const anyAccess: DrsAccess = { kinds: ['https', 'gs', 's3'], accepts: () => true };
/** of an object that are tried */
const maxMethods = 5;
const [usualSeconds, maxSeconds] = [5, 3600];
/** for all questions about a file */
const locateMillis = 15_000;
/** questions that are on their way at a time */
const maxAsking = 200;
/** What a header can hold. */
const sendable = /^[\x21-\x7e]{1,8192}$/;

const accessUrl = z.looseObject({
  url: z.string(),
  headers: z.union([z.array(z.string()), z.record(z.string(), z.string())]).nullish(),
});
const accessMethod = z.looseObject({
  type: z.string(),
  access_url: accessUrl.nullish(),
  access_id: z.string().max(1024).nullish(),
});
const objectSchema = z.looseObject({ access_methods: z.array(accessMethod).max(100).nullish() });

/**
 * Finds out from DRS servers where data files can be had (GA4GH DRS 1.4; specification, repository-plugins 7.1). Only
 * servers that a catalog lists are asked, and only HTTPS URLs handed on.
 */
export class DrsClient {
  readonly #settings: DrsSettings;
  readonly #wanted: DrsAccess;
  readonly #compact: CompactIdentifiers;
  #asking = 0;

  constructor(settings: DrsSettings, wanted = anyAccess) {
    this.#settings = settings;
    this.#wanted = wanted;
    const { registry } = settings;
    // The registry is public, and gets no credential.
    this.#compact = new CompactIdentifiers(
      async (path, schema) => parsed(schema, await this.#ask({ host: registry, path }, {}), registry),
      () => systemClock.now(),
    );
  }

  /**
   * @param uri as a repository has it
   * @throws LazuliError `download_failed`, `forbidden`, `too_many_requests`, `unavailable`
   */
  async locate(uri: string, { authorization, signal }: DrsCaller): Promise<DrsLocation> {
    const late = () =>
      new LazuliError('unavailable', 'Servers of data files take too long.', { remedy: 'Try again later.' });
    return inTime({ clock: systemClock, millis: locateMillis, late, signal }, (told) =>
      this.#locate(uri, { authorization, signal: told }),
    );
  }

  async #locate(uri: string, caller: DrsCaller): Promise<DrsLocation> {
    const place = await this.#placeOf(uri);
    const answer = await this.#found(place, caller);
    if (answer === null) return null;
    if (answer.status === 202) return waitFor(answer);
    const { access_methods: methods } = parsed(objectSchema, answer, place.host);
    const { kinds } = this.#wanted;
    const known = (methods ?? []).filter(({ type }) => kinds.includes(type));
    known.sort((one, other) => kinds.indexOf(one.type) - kinds.indexOf(other.type));
    return this.#firstOf(known.slice(0, maxMethods), place, caller);
  }

  /** One that fails is passed over as long as there are others. */
  async #firstOf(
    methods: readonly z.output<typeof accessMethod>[],
    place: DrsPlace,
    caller: DrsCaller,
  ): Promise<DrsLocation> {
    let failure: unknown;
    for (const method of methods) {
      try {
        const found = await this.#access(place, method, caller);
        if (found !== null) return found;
      } catch (error) {
        caller.signal?.throwIfAborted();
        failure ??= error;
      }
    }
    if (failure === undefined) return null;
    throw failure;
  }

  /** What an access id stands for is asked for even where there is a URL: that one may be no signed one. */
  async #access(
    place: DrsPlace,
    { access_id: id, access_url: given }: z.output<typeof accessMethod>,
    caller: DrsCaller,
  ): Promise<DrsLocation> {
    if (id == null) return given == null ? null : this.#handedOn(given);
    const [object, query] = split(place.path);
    const answer = await this.#found({ ...place, path: `${object}/access/${encodeURIComponent(id)}${query}` }, caller);
    if (answer === null) return null;
    return answer.status === 202 ? waitFor(answer) : this.#handedOn(parsed(accessUrl, answer, place.host));
  }

  /** A URL that needs headers is of no use to who is sent there. */
  #handedOn({ url, headers }: z.output<typeof accessUrl>): DrsLocation {
    const needsHeaders = headers != null && Object.keys(headers).length > 0;
    const parsedUrl = sendable.test(url) && URL.canParse(url) ? new URL(url) : null;
    if (parsedUrl === null || needsHeaders || parsedUrl.username !== '' || parsedUrl.password !== '') return null;
    if (!this.#wanted.accepts(parsedUrl)) return null;
    if (parsedUrl.protocol === 'https:') return { url };
    const isForTrials = this.#listed(parsedUrl.host)?.plain === true;
    return isForTrials && parsedUrl.protocol === 'http:' ? { url } : null;
  }

  async #placeOf(uri: string): Promise<DrsPlace> {
    const found = parseDrsUri(uri);
    if (found.kind === 'compact') return this.#compact.resolve(found.prefix, found.accession);
    return { host: found.host, path: `${objectsPath}${found.id}${found.query}` };
  }

  /** @returns null where the server has no such thing */
  async #found(place: DrsPlace, caller: DrsCaller): Promise<DrsAnswer | null> {
    try {
      return await this.#ask(place, caller);
    } catch (error) {
      if (error instanceof LazuliError && error.code === 'not_found') return null;
      throw error;
    }
  }

  async #ask({ host, path }: DrsPlace, { authorization, signal }: DrsCaller): Promise<DrsAnswer> {
    const allowed = this.#allowed(host);
    if (this.#asking >= maxAsking) throw busy(host);
    this.#asking++;
    try {
      const answer = await askDrs({ host, allowed, path, authorization, signal });
      if (answer.status === 200 || answer.status === 202) return answer;
      throw refusalOf(host, answer);
    } finally {
      this.#asking--;
    }
  }

  #allowed(host: string): DrsHost {
    const allowed = this.#listed(host);
    if (allowed !== undefined) return allowed;
    throw failed(
      `${host} is none of the hosts that this catalog may ask for data files.`,
      'Operators: list it in `drs.hosts` of the catalog.',
    );
  }

  #listed(host: string): DrsHost | undefined {
    const { hosts } = this.#settings;
    return Object.hasOwn(hosts, host) ? hosts[host] : undefined;
  }
}

/** Path and query, which has its `?`. */
function split(path: string): readonly [path: string, query: string] {
  const at = path.indexOf('?');
  return at < 0 ? [path, ''] : [path.slice(0, at), path.slice(at)];
}

const waitFor = ({ retryAfter = usualSeconds }: DrsAnswer): DrsLocation => ({
  retryAfter: Math.min(Math.ceil(retryAfter), maxSeconds),
});

function parsed<T>(schema: z.ZodType<T>, { bytes }: DrsAnswer, host: string): T {
  const { data } = schema.safeParse(jsonOrNothing(bytes));
  if (data !== undefined) return data;
  throw failed(`${host} answers with something else than it was asked for.`);
}

function refusalOf(host: string, { status, retryAfter = usualSeconds }: DrsAnswer): LazuliError {
  if (status === 404) return new LazuliError('not_found', `${host} has no such thing.`);
  if (status === 401 || status === 403)
    return new LazuliError('forbidden', `${host} doesn't give this file to you.`, {
      remedy: 'Sign in, or ask for access to its source.',
    });
  if (status === 429)
    return new LazuliError('too_many_requests', `Maximum request rate exceeded for ${host}.`, {
      remedy: `Try again in ${retryAfter} seconds.`,
    });
  if (status >= 500)
    return new LazuliError('unavailable', `${host} answers ${status}.`, { remedy: 'Try again later.' });
  return failed(`${host} answers ${status}.`);
}

const busy = (host: string): LazuliError =>
  new LazuliError('unavailable', `Too many questions to ${host} are on their way.`, { remedy: 'Try again later.' });

function failed(message: string, remedy = 'Tell the operators of the catalog.'): LazuliError {
  return new LazuliError('download_failed', message, { remedy });
}
