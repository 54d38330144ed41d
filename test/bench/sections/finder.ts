import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { askJson } from '../../../cli/pipeline/http.ts';
import type { BundleFolder, FullBundleAction } from '../../../cli/up/bundle-folder.ts';
import type { Settings } from '../../../config/settings.ts';
import { parseVerbatim } from '../../../plugins/json.ts';
import type { MetadataPlugin } from '../../../plugins/metadata.ts';
import { metadataPlugin } from '../../../plugins/registry.ts';
import { parseIndexFile } from '../../../plugins/repository/canned/index-file.ts';
import { readAlias } from '../../../transform/index-layout.ts';

const foundSchema = z.looseObject({ hits: z.looseObject({ total: z.looseObject({ value: z.int() }) }) });
const pollMillis = 20;
/** After this something is broken, not slow. */
const maxMillis = 300_000;

/** Searches through the aliases that the service reads, over all entity types. */
export class Finder {
  readonly #plugin: MetadataPlugin;
  readonly #search: string;
  readonly #folder: string;
  readonly #files: ReadonlyMap<string, string>;

  private constructor(plugin: MetadataPlugin, search: string, folder: string) {
    this.#plugin = plugin;
    this.#search = search;
    this.#folder = folder;
    const path = join(folder, 'bundles.json');
    const { bundles } = parseIndexFile(readFileSync(path, 'utf8'), path);
    this.#files = new Map([...bundles.values()].map(({ uuid, file }) => [uuid, file]));
  }

  static async open({ opensearch, deployment }: Settings, { folder, catalog }: BundleFolder): Promise<Finder> {
    const plugin = await metadataPlugin('hca');
    const aliases = Object.keys(plugin.entityTypes).map((entityType) => readAlias(deployment, catalog, entityType));
    return new Finder(plugin, new URL(`/${aliases.join(',')}/_search`, opensearch.url).href, folder);
  }

  /** How many documents a bundle has a part in. */
  touched({ uuid, version, source }: FullBundleAction): number {
    const contents = parseVerbatim(readFileSync(join(this.#folder, this.#files.get(uuid) ?? ''), 'utf8'));
    const repository = { drs_domain: 'data.example' };
    return this.#plugin.normalize({ fqid: { uuid, version, source }, contents, repository }).entities.length;
  }

  /** Resolves when a search finds so many documents that name the bundle. */
  async untilFound(uuid: string, documents: number): Promise<void> {
    const query = { size: 0, track_total_hits: true, query: { term: { 'bundles.uuid': uuid } } };
    const deadline = Date.now() + maxMillis;
    let found = 0;
    while (Date.now() < deadline) {
      found = (await askJson('OpenSearch', this.#search, foundSchema, query)).hits.total.value;
      if (found >= documents) return;
      await new Promise((resolve) => setTimeout(resolve, pollMillis));
    }
    throw new Error(`A search finds ${found} of ${documents} documents of bundle ${uuid} after ${maxMillis / 1000} s`);
  }
}
