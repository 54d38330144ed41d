import { Part } from '../machine/part.ts';
import { Requests, succeeded } from '../machine/requests.ts';
import type { Measurement } from '../measurement.ts';
import type { ExportingPart } from '../parts/exporting.ts';
import type { ServicePart } from '../parts/service.ts';
import { median, quantile, shown } from '../statistics.ts';
import { concurrentJobs, type ExportsRig, type PublishedFiles } from './exports-rig.ts';
import { deployment } from './ready.ts';
import { millisOf } from './search-rig.ts';
import { cores } from './section.ts';

/** A service, and what it needs to be asked. */
interface Asked {
  readonly url: string;
  readonly requests: Requests;
  readonly of: PublishedFiles;
}

/** An export of all files that nobody has asked for yet: all are smaller than that. */
const filters = (turn: number): string =>
  `filters=${encodeURIComponent(JSON.stringify({ fileSize: { within: [[0, 2 ** 50 + turn]] } }))}`;

/** How long it takes to be answered that an export is being made, while as many are made as a worker makes at a time. */
export async function requestsMeanwhile(rig: ExportsRig, opensearch: string): Promise<Measurement[]> {
  const { bench } = rig;
  const millis = await withService(rig, opensearch, null, async ({ url, requests, of }) => {
    const ask = (turn: number) => requests.put(`${url}/fetch/manifest/files?format=compact&${filters(turn)}`);
    let turn = 0;
    await succeeded(ask(turn++));
    return whileExporting(of, null, async () => {
      const found: number[] = [];
      for (; found.length < bench.sizes.exports.requests + warmUp; turn++)
        found.push(await millisOf(() => succeeded(ask(turn))));
      return found.slice(warmUp);
    });
  });
  const p99 = quantile(millis, 0.99);
  bench.say(`requests for exports: p99 ${shown(p99)} ms, median ${shown(median(millis))} ms`);
  return [
    {
      name: `PUT while ${concurrentJobs} exports run, p99`,
      value: p99,
      unit: 'ms',
      target: { bound: 'most', value: 50 },
      note: `${millis.length} requests one after the other, each for another export; median ${shown(median(millis))} ms`,
    },
  ];
}

/** Requests in which code is compiled. */
const warmUp = 20;

const searched = ['{}', '{"organ":{"is":["brain"]}}', '{"fileFormat":{"is":[null]}}'];

/** Searches on one core, with and without exports on another one. */
export async function searchesMeanwhile(rig: ExportsRig, opensearch: string): Promise<Measurement[]> {
  const { bench } = rig;
  const [without, during] = await withService(rig, opensearch, cores.server, async (asked) => {
    const { url, requests, of } = asked;
    const search = (turn: number) =>
      millisOf(() =>
        succeeded(requests.get(`${url}/index/files?filters=${encodeURIComponent(searched[turn % 3] ?? '{}')}`)),
      );
    const several = async (): Promise<number[]> => {
      const found: number[] = [];
      for (let turn = 0; turn < bench.sizes.exports.requests; turn++) found.push(await search(turn));
      return found;
    };
    for (let turn = 0; turn < 10 * warmUp; turn++) await search(turn);
    // One more than there are places: one waits at any time, so that the worker is never idle.
    for (let turn = 0; turn <= concurrentJobs; turn++)
      await succeeded(requests.put(`${url}/fetch/manifest/files?format=terra.pfb&${filters(turn)}`));
    const before = await several();
    const meanwhile = await whileExporting(of, cores.client, several);
    return [[...before, ...(await several())], meanwhile] as const;
  });
  const ratio = median(during) / median(without);
  bench.say(`searches: median ${shown(median(during))} ms during exports, ${shown(median(without))} ms without`);
  return [
    {
      name: 'searches during exports ÷ without, median',
      value: ratio,
      unit: 'ratio',
      target: { bound: 'most', value: 1.2 },
      note: `service and OpenSearch on core ${cores.server}, export worker on core ${cores.client}; ${shown(median(during))} against ${shown(median(without))} ms`,
    },
  ];
}

/** Runs `work` while a worker makes what is queued, as many at a time as it is said to. */
async function whileExporting<T>(of: PublishedFiles, core: number | null, work: () => Promise<T>): Promise<T> {
  const worker = await Part.start<ExportingPart>('exporting', core ?? undefined);
  try {
    const exports = { ...of.settings.exports, concurrentJobs };
    await worker.ask('start', { settings: { ...of.settings, exports } });
    return await work();
  } finally {
    await worker.stop();
  }
}

async function withService<T>(
  { sources, published }: ExportsRig,
  opensearch: string,
  core: number | null,
  work: (asked: Asked) => Promise<T>,
): Promise<T> {
  const of = published.at(-1) as PublishedFiles;
  const part = await Part.start<ServicePart>('service', core ?? undefined);
  const requests = new Requests(1);
  try {
    const options = { opensearch, deployment, sources, remembers: true, exports: of.settings };
    const { value: url } = await part.ask('open', options);
    return await work({ url, requests, of });
  } finally {
    requests.close();
    await part.ask('close', null);
    await part.stop();
  }
}
