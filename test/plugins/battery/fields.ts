import { expect } from 'chai';
import type { Document, Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import { type ApiField, apiFields, type EntityFields } from '../../../query/fields/api-fields.ts';
import { parseFilters } from '../../../query/filter/parse.ts';
import { type Service, startService, withFilters } from '../../rigs/service/harness.ts';

/** A term of a facet as a filter, and how many documents it has by that facet. */
interface Term {
  readonly type: string;
  readonly filters: object;
  readonly count: number;
}

/** Terms that are asked for: each is a search. */
const maxTerms = 40;

/** Asks a service over these documents for every field, and for what its facets count. */
export async function fieldsAreFound(plugin: MetadataPlugin, documents: ReadonlyMap<string, Document>): Promise<void> {
  const of = (type: string) =>
    [...documents].flatMap(([key, document]) => (key.startsWith(`${type}/`) ? [document] : []));
  const types = Object.keys(plugin.entityTypes);
  const sources = [
    ...new Map([...documents.values()].flatMap((one) => one.sources).map((one) => [one.id, one])).values(),
  ];
  await using service = await startService({
    ...{ plugin, sources, sees: () => sources.map(({ id }) => id) },
    documents: Object.fromEntries(types.map((type) => [type, of(type)])),
  });
  const fields = apiFields(plugin);
  const served = types.filter((name) => plugin.entityTypes[name]?.served !== undefined);
  const terms: Term[] = [];
  for (const type of served) {
    const own = fields.get(type) as EntityFields;
    for (const { name } of fieldsOf(own)) parseFilters(JSON.stringify({ [name]: { is: [null] } }), own);
    terms.push(...(await termsOf(service, type, fieldsOf(own))));
  }
  // A large model has its terms asked for in turn, now of this type, now of that one.
  const step = Math.ceil(terms.length / maxTerms);
  const wrong: unknown[] = [];
  for (const { type, filters, count } of terms.filter((_, i) => i % step === 0)) {
    const found = (await list(service, type, filters)).pagination.total;
    if (found !== count) wrong.push({ type, filters, count, found });
  }
  expect(wrong).to.deep.equal([]);
}

/** Those that documents have. Of the id of a source there is no null. */
const fieldsOf = ({ byName, sourceId }: EntityFields): readonly ApiField[] =>
  [...byName.values()].filter(({ indexed, name }) => indexed && name !== sourceId);

/** Two terms of each facet. */
async function termsOf(service: Service, type: string, fields: readonly ApiField[]): Promise<readonly Term[]> {
  const all = await list(service, type, {});
  expect(all.pagination.total, type).to.be.greaterThan(0);
  const facets = fields.filter(({ facet }) => facet);
  return facets.flatMap((field) => {
    const terms: readonly { readonly term: Json; readonly count: number }[] = all.termFacets[field.name].terms;
    // The rarest tells most; of null it depends on what is listed.
    const some = [terms.findLast(({ term }) => term !== null), terms.find(({ term }) => term === null)];
    return some.flatMap((one) =>
      one === undefined
        ? []
        : [{ type, filters: { [field.name]: { is: [filterValue(field, one.term)] } }, count: one.count }],
    );
  });
}

/** A term as filters take it: a facet of objects counts the values of their first member. */
function filterValue({ type, members }: ApiField, term: Json): Json {
  const [first] = Object.keys(members);
  return type === 'object' && term !== null && first !== undefined ? { [first]: term } : term;
}

async function list(service: Service, type: string, filters: object) {
  const answer = await service.get(`/index/${type}${withFilters(filters, { size: '1' })}`);
  expect(answer.status, JSON.stringify([type, filters, answer.body])).to.equal(200);
  return answer.body;
}
