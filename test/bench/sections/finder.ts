import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { BundleFolder, FullBundleAction } from '../../../cli/up/bundle-folder.ts';
import type { Settings } from '../../../core/config/settings.ts';
import { readAlias } from '../../../core/documents/index-layout.ts';
import { askJson } from '../../../core/http/ask-json.ts';
import { parseVerbatim } from '../../../core/model/json.ts';
import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import { cloneOnly, metadataPlugin } from '../../../plugins/registry.ts';
import { parseIndexFile } from '../../../plugins/repository/canned/index-file.ts';

const foundSchema = z.looseObject({
  hits: z.looseObject({
    hits: z.array(
      z.looseObject({
        _source: z.looseObject({
          bundles: z.array(z.looseObject({ uuid: z.string() })),
          num_contributions: z.int(),
        }),
      }),
    ),
  }),
});
type Found = z.output<typeof foundSchema>['hits']['hits'][number]['_source'];

const pollMillis = 25;
/** After this something is broken, not slow. */
const maxMillis = 180_000;
/** Documents of one bundle: as many as one search gives. */
const mostDocuments = 10_000;

/** What a search has to find for a bundle to be searchable. */
export interface Wanted {
  readonly uuid: string;
  /** of all documents that the bundle has a part in */
  readonly entityIds: readonly string[];
  /** A document doesn't list all of its bundles where there are very many: then it has so many contributions. */
  readonly contributions: number;
}

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
    const plugin = await metadataPlugin('hca', cloneOnly);
    const aliases = Object.keys(plugin.entityTypes).map((entityType) => readAlias(deployment, catalog, entityType));
    return new Finder(plugin, new URL(`/${aliases.join(',')}/_search`, opensearch.url).href, folder);
  }

  /** @param contributions bundles notified of so far, all of one project where that matters */
  wanted({ uuid, version, source }: FullBundleAction, contributions: number): Wanted {
    const contents = parseVerbatim(readFileSync(join(this.#folder, this.#files.get(uuid) ?? ''), 'utf8'));
    const repository = { drs_domain: 'data.example' };
    const { entities } = this.#plugin.normalize({ fqid: { uuid, version, source }, contents, repository });
    return { uuid, entityIds: entities.map(({ id }) => id), contributions };
  }

  /** Resolves when a search finds all documents of a bundle, with what it contributes. */
  async untilFound(wanted: Wanted): Promise<void> {
    const query = {
      size: mostDocuments,
      _source: ['bundles.uuid', 'num_contributions'],
      query: { terms: { entity_id: wanted.entityIds } },
    };
    const deadline = Date.now() + maxMillis;
    let found = 0;
    while (Date.now() < deadline) {
      const { hits } = (await askJson('OpenSearch', this.#search, foundSchema, query)).hits;
      found = hits.filter(({ _source }) => isCurrent(_source, wanted)).length;
      if (found >= wanted.entityIds.length) return;
      await new Promise((resolve) => setTimeout(resolve, pollMillis));
    }
    const { uuid, entityIds } = wanted;
    throw new Error(
      `A search finds ${found} of ${entityIds.length} documents of bundle ${uuid} after ${maxMillis / 1000} s`,
    );
  }
}

function isCurrent({ bundles, num_contributions }: Found, { uuid, contributions }: Wanted): boolean {
  if (num_contributions > bundles.length) return num_contributions >= contributions;
  return bundles.some((bundle) => bundle.uuid === uuid);
}
