import { pino } from 'pino';
import { catalogSchema } from '../../../core/config/catalogs.ts';
import { parseSettings, type SettingsInput } from '../../../core/config/settings.ts';
import { type Listening, listen } from '../../../core/http/server.ts';
import type { Repository } from '../../../core/model/repository.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { Turns } from '../../../core/runtime/turns.ts';
import { cloneOnly, metadataPlugin } from '../../../plugins/registry.ts';
import { createApp } from '../../../query/app.ts';
import { catalogOf, catalogsOf } from '../../../query/catalogs.ts';
import { linksOf } from '../../../query/downloads/open.ts';
import { markSeldom } from '../../../query/heap.ts';
import { exportsOf } from '../../../query/manifests/open.ts';
import { connect, type SearchEngine, searchLines } from '../../../query/opensearch.ts';
import { FacetCache } from '../../../query/search/facet-cache.ts';
import { Serving } from '../../../query/search/serving.ts';
import { searchTurns } from '../../../query/search/turns.ts';
import { defaultLimits } from '../../rigs/default-limits.ts';
import { noExports, someLinks } from '../../rigs/service/no-exports.ts';
import { answer } from '../machine/part.ts';
import { catalog } from '../staging.ts';

/** The search service, with all sources public. */
export type ServicePart = {
  /** Starts it; returns where it answers. `remembers`: whether it keeps facets. */
  readonly open: (argument: {
    opensearch: string;
    deployment: string;
    sources: readonly string[];
    remembers: boolean;
    /** with which exports are asked for; null: none can be */
    exports: SettingsInput | null;
  }) => Promise<string>;
  /** The bodies of `_msearch` requests that it has sent since it was last asked, byte for byte. */
  readonly sent: (argument: null) => Promise<readonly string[]>;
  readonly close: (argument: null) => Promise<null>;
};

/** Kept of what is sent */
const maxKept = 8;

let opened: { readonly server: Listening; readonly engine: SearchEngine } | undefined;
let kept: string[] = [];

const methods: ServicePart = {
  async open({ opensearch, deployment, sources, remembers, exports }) {
    markSeldom();
    const engine = capturing(connect(opensearch));
    const settings = catalogSchema.parse({
      atlas: 'hca',
      plugins: { metadata: { name: 'hca' }, repository: { name: 'canned' } },
      sources: [],
    });
    const served = catalogOf(
      deployment,
      catalog,
      settings,
      await metadataPlugin('hca', cloneOnly),
      repositoryOf(sources),
    );
    const app = createApp({
      catalogs: catalogsOf(catalog, [served]),
      engine,
      facets: new FacetCache(engine, { maxBytes: remembers ? defaultLimits.facetCacheBytes : 0 }),
      ...asked(exports),
      serving: new Serving(engine, { turns: new Turns(searchTurns(defaultLimits), { clock: systemClock }) }),
      identify: async () => ({ subject: null }),
      checks: {},
      version: { git: { commit: 'bench', dirty: false }, changes: [] },
      limits: defaultLimits,
      logger: pino({ level: 'warn' }),
    });
    const server = await listen(app, { host: '127.0.0.1', port: 0, urlBytes: defaultLimits.urlBytes });
    opened = { server, engine };
    return server.url;
  },
  async sent() {
    const bodies = kept;
    kept = [];
    return bodies;
  },
  async close() {
    await opened?.server.stop();
    await opened?.engine.close();
    opened = undefined;
    return null;
  },
};

function capturing(engine: SearchEngine): SearchEngine {
  return {
    ...engine,
    search: (searches, signal) => {
      if (kept.length < maxKept) kept.push(searchLines(searches).toString());
      return engine.search(searches, signal);
    },
  };
}

/** What serves exports, where they are asked for. */
function asked(input: SettingsInput | null) {
  if (input === null) return { exports: noExports, links: someLinks };
  const settings = parseSettings(input, 'the settings of a benchmark');
  const links = linksOf(settings);
  return { links, exports: exportsOf(settings, links, () => {}) };
}

function repositoryOf(sources: readonly string[]): Repository {
  const never = () => {
    throw new TypeError('Searches ask for no bundles');
  };
  return {
    listSources: async () => [],
    accessibleSources: async () => new Set(sources),
    listBundles: never,
    fetchBundle: never,
  };
}

export const run = (): void => answer(methods);
