import { z } from 'zod';
import type { Settings } from '../../core/config/settings.ts';
import { askJson } from '../../core/http/ask-json.ts';
import { metadataPlugin, type PluginsFrom } from '../../plugins/registry.ts';

const term = z.union([z.string(), z.number(), z.boolean()]);
const listSchema = z.looseObject({
  hits: z.array(z.looseObject({ entryId: z.string() })),
  termFacets: z.record(z.string(), z.looseObject({ terms: z.array(z.looseObject({ term: z.unknown() })) })),
});
type List = z.output<typeof listSchema>;

/** With more catalogs than this only the first ones are shown. */
const maxCatalogs = 5;
const requestMillis = 30_000;

/**
 * URLs of a running service that are worth a try: the catalogs; for each catalog every list, a hit and a filter. Only
 * those that work.
 *
 * @param warn gets each that doesn't work, with the reason: it ends nothing
 */
export async function sampleUrls(settings: Settings, warn: (line: string) => void): Promise<string[]> {
  const { http, catalogs } = settings;
  const service = `http://127.0.0.1:${http.query}`;
  const urls = [`${service}/index/catalogs`];
  for (const [catalog, { plugins }] of Object.entries(catalogs).slice(0, maxCatalogs)) {
    const lists = await listUrls(service, catalog, plugins.metadata.name, settings).catch(telling(warn, catalog, []));
    const [first] = lists;
    const found = first === undefined ? null : await firstOf(first).catch(telling(warn, first, null));
    urls.push(...lists, ...(first === undefined || found === null ? [] : within(first, found)));
  }
  const all = [...urls, `${service}/health/basic`];
  const working = await Promise.all(all.map((url) => works(url).catch(telling(warn, url, false))));
  return all.filter((_, i) => working[i]);
}

/** A list for each entity type that the catalog's metadata plug-in has served. */
async function listUrls(
  service: string,
  catalog: string,
  plugin: string,
  from: PluginsFrom,
): Promise<readonly string[]> {
  const { entityTypes } = await metadataPlugin(plugin, from);
  const served = Object.entries(entityTypes).filter(([, { served: isServed }]) => isServed !== undefined);
  return served.map(([type]) => `${service}/index/${type}?${new URLSearchParams({ catalog, size: '5' })}`);
}

const firstOf = (list: string): Promise<List> => askJson('The service', list, listSchema);

/** A hit of a list, and the list filtered by the first term of some facet. */
function within(list: string, { hits, termFacets }: List): readonly string[] {
  const [hit] = hits;
  const one = new URL(list);
  one.searchParams.delete('size');
  one.pathname += `/${encodeURIComponent(hit?.entryId ?? '')}`;
  const [filter] = Object.entries(termFacets).flatMap(([facet, { terms }]) =>
    terms.flatMap(({ term: value }) => (term.safeParse(value).success ? [{ [facet]: { is: [value] } }] : [])),
  );
  const filtered = new URL(list);
  filtered.searchParams.set('filters', JSON.stringify(filter));
  return [...(hit === undefined ? [] : [one.href]), ...(filter === undefined ? [] : [filtered.href])];
}

/** @throws Error where it doesn't answer with success */
async function works(url: string): Promise<true> {
  const response = await fetch(url, { signal: AbortSignal.timeout(requestMillis) });
  await response.arrayBuffer();
  if (response.status === 200) return true;
  throw new Error(`it answers ${response.status}; logs/query.log in the data folder may say why`);
}

function telling<T>(warn: (line: string) => void, what: string, instead: T): (error: Error) => T {
  return ({ message }) => {
    warn(`${what} can't be shown: ${message}`);
    return instead;
  };
}
