import { indexName, readAlias } from '../../core/documents/index-layout.ts';
import type { Json } from '../../core/model/metadata.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';

/** Documents as indexed, by `<entity type>/<entity id>`. */
export type Documents = ReadonlyMap<string, Readonly<Record<string, Json>>>;

/** No answer takes longer, on a machine that has much to do. */
const answerMillis = 60_000;
/** Documents that are read at once. */
const page = 5000;

interface Hits {
  readonly _scroll_id: string;
  readonly hits: { readonly hits: readonly { readonly _id: string; readonly _source: Record<string, Json> }[] };
}

/**
 * Everything that a search of a catalog can find.
 *
 * @param generation that one's documents, whether or not it serves
 * @throws Error where an alias has other than one index: then documents could be found twice
 */
export async function indexedDocuments(
  opensearch: string,
  deployment: string,
  catalog: string,
  generation?: number,
): Promise<Documents> {
  await ask(opensearch, 'POST', `/lazuli_${deployment}_*/_refresh`);
  const found = new Map<string, Record<string, Json>>();
  for (const entityType of Object.keys(hca.entityTypes)) {
    const name = { deployment, catalog, entityType };
    const alias =
      generation === undefined ? readAlias(deployment, catalog, entityType) : indexName({ ...name, generation });
    const indices = Object.keys((await ask(opensearch, 'GET', `/${alias}/_alias`)) as object);
    if (indices.length !== 1) throw new Error(`${alias} has the indices ${indices.join(', ')}`);
    for await (const { _id, _source } of allHits(opensearch, alias)) found.set(`${entityType}/${_id}`, _source);
  }
  return found;
}

async function* allHits(opensearch: string, alias: string): AsyncGenerator<Hits['hits']['hits'][number]> {
  const query = { bool: { must_not: { term: { _deleted: true } } } };
  const first = await ask(opensearch, 'POST', `/${alias}/_search?scroll=1m`, { size: page, query, sort: ['_doc'] });
  let { _scroll_id: scroll_id, hits } = first as Hits;
  while (hits.hits.length > 0) {
    yield* hits.hits;
    ({ _scroll_id: scroll_id, hits } = (await ask(opensearch, 'POST', '/_search/scroll', {
      scroll: '1m',
      scroll_id,
    })) as Hits);
  }
  await ask(opensearch, 'DELETE', '/_search/scroll', { scroll_id });
}

/** Asks OpenSearch itself, or a worker. @throws Error with its answer unless it is a success */
export async function ask(opensearch: string, method: string, path: string, body?: object): Promise<unknown> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  const response = await fetch(opensearch + path, { method, ...init, signal: AbortSignal.timeout(answerMillis) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 1000)}`);
  return response.headers.get('Content-Type')?.startsWith('application/json') ? JSON.parse(text) : text;
}

/** How two sets of documents differ: keys of documents, and of those that are in both the members that differ. */
export function differences(actual: Documents, expected: Documents) {
  const different = [...expected].flatMap(([key, document]) => {
    const found = actual.get(key);
    if (found === undefined || sameJson(found, document)) return [];
    const members = new Set([...Object.keys(found), ...Object.keys(document)]);
    return [`${key}: ${[...members].filter((member) => !sameJson(found[member], document[member])).join(', ')}`];
  });
  return {
    missing: [...expected.keys()].filter((key) => !actual.has(key)),
    unexpected: [...actual.keys()].filter((key) => !expected.has(key)),
    different,
  };
}

/** Nothing differs. */
export const none = { missing: [], unexpected: [], different: [] };

function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: Json | undefined): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
