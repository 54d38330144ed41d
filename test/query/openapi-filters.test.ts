import { expect } from 'chai';
import { openApiDocument } from '../../core/http/documentation/document.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { serviceDescription } from '../../query/description.ts';
import { apiFields } from '../../query/fields/api-fields.ts';
import { allowedRelations } from '../../query/filter/parse.ts';
import { operationsOf } from '../rigs/docs/openapi-documents.ts';
import { herbarium } from '../rigs/models/herbarium.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The relations that a schema of a field's entry has, each with that of its list. */
function relationsIn(entry: Schema): Readonly<Record<string, Schema>> {
  const options = (entry.anyOf ?? [entry]) as readonly Schema[];
  return Object.assign({}, ...options.map(({ anyOf, properties }) => (anyOf ? relationsIn({ anyOf }) : properties)));
}

/** What a client that follows no references finds on its way to the fields. */
function walked(document: unknown, ...steps: readonly (string | ((one: Schema) => boolean))[]): Schema {
  let at = document as Schema;
  for (const step of steps) {
    const list = at as unknown as readonly Schema[];
    at = (typeof step === 'string' ? at[step] : list.find(step)) as Schema;
    expect(at, String(step)).to.be.an(Array.isArray(at) ? 'array' : 'object');
  }
  return at;
}

const isFilters = ({ name }: Schema): boolean => name === 'filters';
const inJson = ['content', 'application/json', 'schema'] as const;

const places = [
  ['/index/{entity_type}', 'get'],
  ['/index/{entity_type}', 'head'],
  ['/index/{entity_type}/{entity_id}', 'get'],
  ['/index/summary', 'get'],
  ['/index/summary', 'head'],
] as const;

const fieldsOf = (plugin: MetadataPlugin) =>
  [...apiFields(plugin).values()].flatMap((fields) => [...fields.byName.values()].map((field) => ({ field, fields })));

for (const plugins of [[hca], [herbarium], [hca, herbarium]]) {
  describe(`Clients that read the OpenAPI document of ${plugins.map(({ name }) => name).join(' and ')}`, () => {
    const document: unknown = JSON.parse(JSON.stringify(openApiDocument(operationsOf(plugins), serviceDescription)));

    for (const [path, method] of places) {
      it(`find each field and its relations in the schema of filters, inline, at ${method} ${path}`, () => {
        const parameter = walked(document, 'paths', path, method, 'parameters', isFilters);
        expect(parameter).to.include({ in: 'query' }).and.not.have.property('schema');
        const schema = walked(parameter, ...inJson);
        expect(schema).to.deep.include({ type: 'object', default: {}, additionalProperties: false });
        expect(JSON.stringify(schema)).not.to.include('$ref');
        const entries = walked(schema, 'properties') as Readonly<Record<string, Schema>>;
        const names = new Set(plugins.flatMap((plugin) => fieldsOf(plugin).map(({ field }) => field.name)));
        expect(Object.keys(entries).sort()).to.deep.equal([...names, 'accessible'].sort());
        for (const { field, fields } of plugins.flatMap(fieldsOf)) {
          const wanted = field.name === fields.sourceId ? ['is'] : allowedRelations(field);
          const relations = relationsIn(entries[field.name] as Schema);
          expect(Object.keys(relations), field.name).to.include.members([...wanted]);
          for (const relation of wanted) expect(relations[relation], field.name).to.include({ type: 'array' });
        }
      });
    }
  });
}
