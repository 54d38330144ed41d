import type { Settings } from '../../core/config/settings.ts';
import { indexName } from '../../core/documents/index-layout.ts';
import type { Json } from '../../core/model/metadata.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { ask } from './indexed.ts';

/** Members of documents that lists, facets, single entities and the summary show, in values that sort by themselves. */
const shown = new Set(['file_format', 'effective_organ', 'organ']);

/** What is behind each such value of a generation that is marked. */
export const markOf = (generation: number): string => ` of generation ${generation}`;

interface Hits {
  readonly hits: { readonly hits: readonly { readonly _id: string; readonly _version: number; _source: Json }[] };
}

/**
 * Lets every document of a generation show by its content which one it is from. Generations that are current hold the
 * same documents otherwise, so that nobody could tell an answer that was put together from two of them.
 */
export async function markGeneration(
  opensearch: string,
  { deployment }: Settings,
  catalog: string,
  generation: number,
): Promise<void> {
  for (const entityType of Object.keys(hca.entityTypes)) {
    const index = indexName({ deployment, catalog, entityType, generation });
    const found = (await ask(opensearch, 'GET', `/${index}/_search?size=10000&version=true`)) as Hits;
    const writes = found.hits.hits.map(({ _id, _version, _source }) => {
      const version = `version=${_version}&version_type=external_gte`;
      const document = marked(_source, markOf(generation), false) as object;
      return ask(opensearch, 'PUT', `/${index}/_doc/${encodeURIComponent(_id)}?${version}`, document);
    });
    await Promise.all(writes);
    await ask(opensearch, 'POST', `/${index}/_refresh`);
  }
}

function marked(value: Json, mark: string, isShown: boolean): Json {
  if (typeof value === 'string') return isShown ? value + mark : value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((one) => marked(one, mark, isShown));
  const members = Object.entries(value).map(([key, member]) => [key, marked(member, mark, shown.has(key))]);
  return Object.fromEntries(members);
}
