import { indexBody, indexName, readAlias, readAliasFilter } from '../../core/documents/index-layout.ts';
import type { Document, MetadataPlugin } from '../../core/model/metadata.ts';
import { engines } from '../rigs/engines.ts';
import { indexForm } from '../rigs/service/index-form.ts';

/** What an index says of itself, when it says something else than it should. */
type Meta = (declared: Readonly<Record<string, unknown>>) => unknown;

/** As indices said it that found no text of more than 256 characters. */
export const asOfForm3: Meta = ({ fields, ...declared }) => {
  const found = Object.entries(fields as Readonly<Record<string, string>>);
  const shorter = found.map(([path, field]) => [path, field.replace(/ whole$/, '')]);
  return { ...declared, layout: 3, fields: Object.fromEntries(shorter) };
};

/** Generations of one catalog, each made by some version of a plug-in, of which one serves. */
export class Generations {
  readonly #of: { readonly deployment: string; readonly catalog: string };
  readonly #types: (readonly string[])[] = [];
  #serving = 0;

  constructor(deployment: string, catalog = 'plants') {
    this.#of = { deployment, catalog };
  }

  /** Makes another one, with these documents and a tombstone in each index. @returns its number */
  async add(
    plugin: MetadataPlugin,
    documents: Readonly<Record<string, readonly Document[]>>,
    meta: Meta = (declared) => declared,
  ): Promise<number> {
    const generation = this.#types.push(Object.keys(plugin.entityTypes));
    for (const entityType of Object.keys(plugin.entityTypes)) {
      const index = indexName({ ...this.#of, entityType, generation });
      const { settings, mappings } = indexBody(plugin, entityType, {});
      const _meta = meta({ ...mappings._meta });
      await request('PUT', `/${index}`, JSON.stringify({ settings, mappings: { ...mappings, _meta } }));
      const lines = (documents[entityType] ?? []).flatMap((document) => [
        { index: { _id: document.entity_id } },
        indexForm(plugin, entityType, document),
      ]);
      const all = [...lines, { index: { _id: 'gone' } }, { _deleted: true }];
      const body = all.map((line) => `${JSON.stringify(line)}\n`).join('');
      const { errors, items } = await request('POST', `/${index}/_bulk?refresh=true`, body);
      if (errors) throw new Error(JSON.stringify(items).slice(0, 2000));
    }
    return generation;
  }

  /** Lets one serve in the place of another, in one step. */
  async serve(generation: number): Promise<void> {
    const action = (number: number, entityType: string) => ({
      index: indexName({ ...this.#of, entityType, generation: number }),
      alias: readAlias(this.#of.deployment, this.#of.catalog, entityType),
    });
    const from = this.#types[this.#serving - 1] ?? [];
    const removals = from.map((type) => ({ remove: { ...action(this.#serving, type), must_exist: true } }));
    const additions = (this.#types[generation - 1] ?? []).map((type) => ({
      add: { ...action(generation, type), filter: readAliasFilter },
    }));
    await request('POST', '/_aliases', JSON.stringify({ actions: [...removals, ...additions] }));
    this.#serving = generation;
  }

  /** Deletes the indices of one. */
  async delete(generation: number): Promise<void> {
    const types = this.#types[generation - 1] ?? [];
    const indices = types.map((entityType) => indexName({ ...this.#of, entityType, generation }));
    await request('DELETE', `/${indices.join(',')}`, '');
  }
}

async function request(method: string, path: string, body: string): Promise<{ errors?: boolean; items?: unknown }> {
  const headers = { 'Content-Type': path.includes('_bulk') ? 'application/x-ndjson' : 'application/json' };
  const response = await fetch((await engines.opensearch()) + path, {
    method,
    headers,
    ...(body === '' ? {} : { body }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 2000)}`);
  return JSON.parse(text);
}
