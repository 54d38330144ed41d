import { indexName, parseIndexName, readAlias } from '../../core/documents/index-layout.ts';
import type { Members } from '../rigs/difference.ts';
import { orchard } from '../rigs/models/orchard.ts';
import type { Site } from './site.ts';
import { catalog } from './workers.ts';

export const entityTypes = Object.keys(orchard.entityTypes);

/** More than any simulation has of one type. */
const most = 10_000;

/**
 * Whatever happens, a reader finds one index of every entity type, all of one generation (architecture, invariant 15).
 *
 * @returns that generation; null before the first one serves
 * @throws Error where it finds others
 */
export async function servingGeneration({ cluster, around: { deployment } }: Site): Promise<number | null> {
  const aliases = entityTypes.map((entityType) => readAlias(deployment, catalog, entityType));
  const { body } = await cluster.request('GET', `/_alias/${aliases.join(',')}`);
  const indices = Object.keys(body as object)
    .map(parseIndexName)
    .filter((index) => index !== null);
  const [generation = null, ...others] = new Set(indices.map((index) => index.generation));
  if (generation === null) return null;
  if (indices.length === entityTypes.length && others.length === 0) return generation;
  throw new Error(`The aliases have the indices ${indices.map(indexName).join(', ')}`);
}

interface Hits {
  readonly hits: { readonly hits: readonly { readonly _id: string; readonly _source: Members }[] };
}

/**
 * All documents that aren't tombstones, as indexed, by `<entity type>/<entity id>`.
 *
 * @param generation that one's; default: what the service reads
 */
export async function documentsOf(site: Site, generation?: number): Promise<ReadonlyMap<string, Members>> {
  const { deployment } = site.around;
  const found = new Map<string, Members>();
  for (const entityType of entityTypes) {
    const name = { deployment, catalog, entityType };
    const index =
      generation === undefined ? readAlias(deployment, catalog, entityType) : indexName({ ...name, generation });
    await ask(site, `/${index}/_refresh`);
    const query = { bool: { must_not: { term: { _deleted: true } } } };
    const { hits } = (await ask(site, `/${index}/_search`, { size: most, query })) as Hits;
    for (const { _id, _source } of hits.hits) found.set(`${entityType}/${_id}`, _source);
  }
  return found;
}

async function ask({ cluster }: Site, path: string, body?: object): Promise<unknown> {
  const { status, body: answer } = await cluster.request('POST', path, body);
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(answer).slice(0, 500)}`);
  return answer;
}
