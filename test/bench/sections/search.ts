import { z } from 'zod';
import { readAlias } from '../../../core/documents/index-layout.ts';
import { Part } from '../machine/part.ts';
import { untilCalm } from '../machine/proc.ts';
import { Requests, succeeded } from '../machine/requests.ts';
import { withSearchServer } from '../machine/search-server.ts';
import type { Findings, Measurement } from '../measurement.ts';
import type { ServicePart } from '../parts/service.ts';
import { catalog } from '../staging.ts';
import { deployment, stageWorld, withOwner } from './ready.ts';
import { crowd } from './search-crowd.ts';
import { load } from './search-load.ts';
import { overhead } from './search-overhead.ts';
import { pages } from './search-pages.ts';
import type { SearchRig } from './search-rig.ts';
import type { Bench, Section } from './section.ts';

/** Connections of the one who measures. */
const connections = 100;

/** What the service adds to the searches that it sends, what a next page costs, and how it bears many clients, and more than it can answer. */
export const searchSection: Section = {
  name: 'search',
  question: 'How fast are searches, next to what OpenSearch needs for them?',
  run: (bench) =>
    withSearchServer(bench, async ({ url, pid }) => {
      await index(bench, url);
      const requests = new Requests(connections);
      try {
        const rig: SearchRig = { bench, opensearch: url, pid, requests, ...(await indexed(url, requests)) };
        bench.say(`${rig.files} files of ${rig.sources.length} sources are indexed`);
        return await measure(rig);
      } finally {
        requests.close();
      }
    }),
};

async function index(bench: Bench, opensearch: string): Promise<void> {
  const staged = await stageWorld(bench.folder, { generated: bench.sizes.search.world });
  bench.say(`${staged.bundles} bundles staged`);
  await withOwner({ folder: bench.folder, opensearch }, async (owner) => {
    await owner.ask('load', null);
    await owner.ask('take', null);
    await owner.ask('rest', null);
  });
}

const filesAlias = readAlias(deployment, catalog, 'files');
const counted = z.object({
  hits: z.object({ total: z.object({ value: z.int() }) }),
  aggregations: z.object({ sources: z.object({ buckets: z.array(z.object({ key: z.string() })) }) }),
});

async function indexed(opensearch: string, requests: Requests): Promise<Pick<SearchRig, 'sources' | 'files'>> {
  const body = `{}\n${JSON.stringify({
    size: 0,
    track_total_hits: true,
    aggs: { sources: { terms: { field: 'sources.id', size: 1000 } } },
  })}\n`;
  const text = await succeeded(requests.post(`${opensearch}/${filesAlias}/_msearch`, body));
  const { hits, aggregations } = z.object({ responses: z.tuple([counted]) }).parse(JSON.parse(text)).responses[0];
  return { files: hits.total.value, sources: aggregations.sources.buckets.map(({ key }) => key) };
}

async function measure(rig: SearchRig): Promise<Findings> {
  const measurements: Measurement[] = [];
  for (const caches of ['off', 'engine', 'both'] as const) {
    await rememberSearches(rig, caches !== 'off');
    measurements.push(...(await withService(rig, caches === 'both', (url, part) => overhead(rig, url, part, caches))));
  }
  measurements.push(...(await withService(rig, true, (url) => pages(rig, url))));
  measurements.push(...(await withService(rig, true, (url, part) => crowd(rig, url, part))));
  measurements.push(...(await withService(rig, true, (url, part) => load(rig, url, part))));
  return { measurements };
}

/** Switches the request cache of the index of files. */
async function rememberSearches({ opensearch }: SearchRig, enabled: boolean): Promise<void> {
  const response = await fetch(`${opensearch}/${filesAlias}/_settings`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ 'index.requests.cache.enable': enabled }),
  });
  if (!response.ok) throw new Error(`OpenSearch refused a setting: ${await response.text()}`);
}

async function withService<T>(
  { opensearch, sources, pid }: SearchRig,
  remembers: boolean,
  work: (url: string, part: Part<ServicePart>) => Promise<T>,
): Promise<T> {
  const part = await Part.start<ServicePart>('service');
  try {
    const { value: url } = await part.ask('open', { opensearch, deployment, sources, remembers, exports: null });
    await untilCalm(pid);
    return await work(url, part);
  } finally {
    await part.ask('close', null);
    await part.stop();
  }
}
