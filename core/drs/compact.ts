import { z } from 'zod';
import { LazuliError } from '../config/errors.ts';
import { objectsPath } from './path.ts';
import { staysInside } from './uri.ts';

/** Asks the registry for a path, and gives the JSON that it answers. */
export type AskRegistry = <T>(path: string, schema: z.ZodType<T>) => Promise<T>;

const namespace = z.looseObject({ _links: z.looseObject({ self: z.looseObject({ href: z.string() }) }) });
const resources = z.looseObject({
  _embedded: z.looseObject({ resources: z.array(z.looseObject({ urlPattern: z.string() })).max(1000) }),
});

const rememberedMillis = 60 * 60 * 1000;
const maxRemembered = 1000;
const accessionMark = '{$id}';

/** Where a DRS object is described. */
export interface DrsPlace {
  readonly host: string;
  /** with its query */
  readonly path: string;
}

/**
 * Finds out from the registry of identifiers.org where objects of a prefix are described (specification, repository-plugins
 * 7.1), and remembers it for an hour.
 */
export class CompactIdentifiers {
  readonly #ask: AskRegistry;
  readonly #now: () => number;
  readonly #patterns = new Map<string, { readonly at: number; readonly pattern: string }>();

  constructor(ask: AskRegistry, now: () => number) {
    this.#ask = ask;
    this.#now = now;
  }

  /** @throws LazuliError `download_failed` where it leads to no DRS server, or to several; as the registry does */
  async resolve(prefix: string, accession: string): Promise<DrsPlace> {
    const text = (await this.#patternOf(prefix)).replace(accessionMark, () => accession);
    const url = URL.canParse(text) ? new URL(text) : null;
    const object = url?.pathname.startsWith(objectsPath) ? url.pathname.slice(objectsPath.length) : '';
    if (url === null || url.protocol !== 'https:' || object === '' || object.includes('/') || !staysInside(object))
      throw leadsNowhere(prefix);
    return { host: url.host, path: `${url.pathname}${url.search}` };
  }

  async #patternOf(prefix: string): Promise<string> {
    const known = this.#patterns.get(prefix);
    if (known !== undefined && Math.abs(this.#now() - known.at) < rememberedMillis) return known.pattern;
    const pattern = await this.#askFor(prefix);
    if (this.#patterns.size >= maxRemembered) this.#patterns.clear();
    this.#patterns.set(prefix, { at: this.#now(), pattern });
    return pattern;
  }

  async #askFor(prefix: string): Promise<string> {
    const { _links: links } = await this.#ask(
      `/restApi/namespaces/search/findByPrefix?prefix=${encodeURIComponent(prefix)}`,
      namespace,
    );
    const id = /\/([\w-]+)$/.exec(links.self.href)?.[1];
    if (id === undefined) throw leadsNowhere(prefix);
    const found = await this.#ask(`/restApi/resources/search/findAllByNamespaceId?id=${id}`, resources);
    const [only, ...others] = found._embedded.resources;
    if (only === undefined || others.length > 0) throw leadsNowhere(prefix);
    return only.urlPattern;
  }
}

const leadsNowhere = (prefix: string): LazuliError =>
  new LazuliError('download_failed', `Compact identifiers of ${prefix} don't lead to one DRS server.`, {
    remedy: 'Tell the operators of the catalog.',
  });
