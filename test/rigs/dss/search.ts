import { z } from 'zod';
import { type Answer, type Asked, answered, illegal, Problem, replicaOf } from './answers.ts';
import { next, pages } from './bundle-pages.ts';
import type { BundleName, Bundles } from './bundles.ts';
import { blobKey, type Tombstone } from './documents.ts';
import type { DssStorage } from './storage.ts';

export type SearchDocument = Readonly<Record<string, unknown>>;
type Test = (document: SearchDocument) => boolean;

/** Documents that queries are matched with (specification, dss 2.2). */
export class Search {
  readonly #bundles: Bundles;
  readonly #storage: DssStorage;
  readonly #main: string;

  constructor(bundles: Bundles, storage: DssStorage, main: string) {
    this.#bundles = bundles;
    this.#storage = storage;
    this.#main = main;
  }

  /** @param all whether JSON files count that are not indexed */
  async document(name: BundleName, all = false): Promise<SearchDocument> {
    const manifest = await this.#bundles.read(name);
    const files: Record<string, unknown[]> = {};
    for (const file of manifest.files) {
      if (!file['content-type'].startsWith('application/json') || !(file.indexed || all)) continue;
      const content = await this.#storage.json({ bucket: this.#main, key: blobKey(file) });
      const member = file.name.replace(/_\d+(?=\.json$)/, '').replaceAll('.', '_');
      files[member] = [...(files[member] ?? []), content];
    }
    return { manifest, state: 'new', files, uuid: name.uuid, shape_descriptor: null };
  }

  async answer(asked: Asked): Promise<Answer> {
    replicaOf(asked);
    const { searchParams } = asked.url;
    const query = (asked.body as { readonly es_query?: unknown } | null)?.es_query;
    if (query === undefined) throw illegal("Missing 'es_query'");
    const matches = compile((query as { readonly query?: unknown }).query ?? { match_all: {} });
    const raw = searchParams.get('output_format') === 'raw';
    const size = raw ? 10 : Math.min(Math.max(Number(searchParams.get('per_page') ?? 100), 10), 500);
    const found: { readonly name: BundleName; readonly document: SearchDocument }[] = [];
    for (const name of await this.#bundles.living('')) {
      const document = await this.document(name);
      if (matches(document)) found.push({ name, document });
    }
    found.reverse();
    const from = Number(searchParams.get('search_after') ?? 0);
    const results = found.slice(from, from + size).map(({ name, document }) => ({
      bundle_fqid: `${name.uuid}.${name.version}`,
      bundle_url: bundleUrl(asked.url, name),
      search_score: null,
      ...(raw ? { metadata: document } : {}),
    }));
    const body = { es_query: query, results, total_hits: found.length };
    if (from + size >= found.length) return answered(200, body, pages('results', null));
    return answered(206, body, pages('results', `<${next(asked, { search_after: String(from + size) })}>; rel="next"`));
  }
}

export const bundleUrl = ({ origin }: URL, { uuid, version }: BundleName): string =>
  `${origin}/v1/bundles/${uuid}?version=${version}`;

/** What a tombstone puts in the place of each document. */
export const buriedDocument = (tombstone: Tombstone, { uuid, version }: BundleName): SearchDocument => ({
  ...{ ...tombstone, uuid, manifest: { version } },
});

const clauses = z.union([z.array(z.unknown()), z.unknown().transform((one) => (one === undefined ? [] : [one]))]);
const boolQuery = z.strictObject({ must: clauses, filter: clauses, must_not: clauses, should: clauses });
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const perField = z.record(
  z.string(),
  z.union([scalar, z.strictObject({ value: scalar }), z.strictObject({ query: scalar })]),
);

/** A query as a test of documents. @throws Problem `elasticsearch_bad_request` */
export function compile(query: unknown): Test {
  const [[kind, body] = ['', null], ...others] = Object.entries((query ?? {}) as object);
  if (others.length > 0) throw bad('A query has one member');
  switch (kind) {
    case 'match_all':
      return () => true;
    case 'bool':
      return compileBool(body);
    case 'exists': {
      const { field } = parsed(z.strictObject({ field: z.string() }), body);
      return (document) => valuesAt(document, field).length > 0;
    }
    case 'term':
    case 'match': {
      const [field, wanted] = fieldOf(body);
      return (document) => valuesAt(document, field).includes(wanted);
    }
    case 'prefix': {
      const [field, wanted] = fieldOf(body);
      return (document) => valuesAt(document, field).some((value) => String(value).startsWith(String(wanted)));
    }
    default:
      throw bad(`no [query] registered for [${kind}]`);
  }
}

function compileBool(body: unknown): Test {
  const { must, filter, must_not, should } = parsed(boolQuery.partial(), body);
  const all = [...(must ?? []), ...(filter ?? [])].map(compile);
  const none = (must_not ?? []).map(compile);
  const some = (should ?? []).map(compile);
  const isOptional = some.length === 0 || all.length > 0;
  return (document) =>
    all.every((test) => test(document)) &&
    !none.some((test) => test(document)) &&
    (isOptional || some.some((test) => test(document)));
}

function fieldOf(body: unknown): [field: string, wanted: unknown] {
  const [[field, given] = ['', ''], ...others] = Object.entries(parsed(perField, body));
  if (others.length > 0) throw bad('One field at a time');
  if (typeof given !== 'object') return [field, given];
  return [field, 'value' in given ? given.value : given.query];
}

/** Lists on the way are looked through; null is no value. */
function valuesAt(document: unknown, path: string): readonly unknown[] {
  let values = [document].flat();
  for (const step of path.split('.'))
    values = values.flatMap((value) => {
      const inside = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
      return inside ? [(value as Record<string, unknown>)[step]].flat(9) : [];
    });
  return values.filter((value) => value !== null && value !== undefined);
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value);
  if (data === undefined) throw bad(String(error));
  return data;
}

const bad = (title: string): Problem => new Problem(400, 'elasticsearch_bad_request', title);
