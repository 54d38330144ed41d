import { type IndexName, indexBody, indexName, readAlias, readAliasFilter } from '../../core/documents/index-layout.ts';
import type { Document, MetadataPlugin } from '../../core/model/metadata.ts';
import { engines } from '../rigs/engines.ts';
import { indexForm } from '../rigs/service/index-form.ts';

/** Searches see nothing that was not refreshed on purpose; and no write waits for the disk. */
const settings = { refresh_interval: '-1', 'translog.durability': 'async' };

/** The indices of one entity type, generation by generation, written step by step. */
export class ChangingIndex {
  readonly #plugin: MetadataPlugin;
  readonly #name: Omit<IndexName, 'generation'>;
  #generation = 0;

  /** @param name of a catalog and entity type that nobody else uses */
  constructor(plugin: MetadataPlugin, name: Omit<IndexName, 'generation'>) {
    this.#plugin = plugin;
    this.#name = name;
  }

  /** Writes without making it visible; null leaves a tombstone. */
  async write(id: string, document: Document | null): Promise<void> {
    const source = document === null ? { _deleted: true } : indexForm(this.#plugin, this.#name.entityType, document);
    await request('PUT', `/${this.#index}/_doc/${id}`, source);
  }

  async refresh(): Promise<void> {
    await request('POST', `/${this.#index}/_refresh`);
  }

  /** Merges, which changes nothing that can be seen. */
  async merge(): Promise<void> {
    await request('POST', `/${this.#index}/_forcemerge?max_num_segments=1`);
  }

  /** Lets a fresh generation with these documents serve. `again`: under the name that the former one had. */
  async swap(documents: readonly Document[], again = false): Promise<void> {
    const alias = readAlias(this.#name.deployment, this.#name.catalog, this.#name.entityType);
    const former = this.#generation === 0 ? undefined : this.#index;
    if (again && former !== undefined) await request('DELETE', `/${former}`);
    else this.#generation++;
    const layout = indexBody(this.#plugin, this.#name.entityType, settings);
    await request('PUT', `/${this.#index}`, layout);
    for (const document of documents) await this.write(document.entity_id, document);
    await this.refresh();
    const add = { add: { index: this.#index, alias, filter: readAliasFilter } };
    const remove = again || former === undefined ? [] : [{ remove: { index: former, alias, must_exist: true } }];
    await request('POST', '/_aliases', { actions: [...remove, add] });
  }

  get #index(): string {
    return indexName({ ...this.#name, generation: this.#generation });
  }
}

async function request(method: string, path: string, body?: unknown): Promise<void> {
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  const response = await fetch((await engines.opensearch()) + path, { method, ...sent });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 1000)}`);
}
