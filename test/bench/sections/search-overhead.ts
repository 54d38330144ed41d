import type { Part } from '../machine/part.ts';
import { cpuMillis } from '../machine/proc.ts';
import { succeeded } from '../machine/requests.ts';
import type { Measurement } from '../measurement.ts';
import type { ServicePart } from '../parts/service.ts';
import { median, shown } from '../statistics.ts';
import { millisOf, type SearchRig } from './search-rig.ts';

/** What remembers answers: nothing, OpenSearch, or OpenSearch and the service. */
export type Caches = 'off' | 'engine' | 'both';

const described: Readonly<Record<Caches, string>> = {
  off: 'nothing cached',
  engine: 'request cache on, facets not remembered',
  both: 'request cache on, facets remembered',
};

/** Where something is cached, a round takes a tenth of the time, and what is compiled counts for more. */
const manyRounds = 10;

/**
 * Requests for files with default facets, in turns with the very searches that the service sends for the first of them
 * and, where it then remembers facets, with those that it still sends. All are received and parsed, as by whoever asks.
 */
export async function overhead(
  rig: SearchRig,
  url: string,
  part: Part<ServicePart>,
  caches: Caches,
): Promise<Measurement[]> {
  const { bench, requests, opensearch } = rig;
  const ask = async () => JSON.parse(await succeeded(requests.get(`${url}/index/files`)));
  const send = async (body: string) => JSON.parse(await succeeded(requests.post(`${opensearch}/_msearch`, body)));
  const sentBy = async () => {
    await ask();
    return (await part.ask('sent', null)).value;
  };
  const [all, still] = [await sentBy(), await sentBy()];
  const sides = [
    ask,
    () => Promise.all(all.map(send)),
    ...(caches === 'both' ? [() => Promise.all(still.map(send))] : []),
  ];
  const more = caches === 'off' ? 1 : manyRounds;
  const rounds = more * bench.sizes.search.rounds;
  await inTurns(sides, more * bench.sizes.search.warmUp);
  const cpu = cpuMillis(part.pid);
  const [service = 0, alone = 0, rest] = await inTurns(sides, rounds);
  const spent = (cpuMillis(part.pid) - cpu) / rounds;
  bench.say(`${described[caches]}: ${shown(service)} ms, its searches alone ${shown(alone)} ms`);
  const times = { service, alone, rest, spent };
  return caches === 'both' ? remembering(times) : answering(caches, times, all.length);
}

interface Times {
  readonly service: number;
  /** of the searches that the service sends for a filter that nobody asked before */
  readonly alone: number;
  /** of those that it still sends when it remembers facets */
  readonly rest: number | undefined;
  readonly spent: number;
}

function answering(caches: Caches, { service, alone, spent }: Times, sent: number): Measurement[] {
  const of = described[caches];
  return [
    {
      name: `/index/files ÷ its searches alone, ${of}`,
      value: service / alone,
      unit: 'ratio',
      target: { bound: 'most', value: caches === 'engine' ? 1.4 : 1.2 },
      note: `hits and facets, in ${sent} requests; both parsed`,
    },
    { name: `/index/files, ${of}`, value: service, unit: 'ms' },
    { name: `its searches alone, ${of}`, value: alone, unit: 'ms' },
    { name: `CPU of the service a request, ${of}`, value: spent, unit: 'ms' },
  ];
}

function remembering({ service, alone, rest = 0, spent }: Times): Measurement[] {
  const of = described.both;
  return [
    { name: `/index/files ÷ searches for hits and facets alone, ${of}`, value: service / alone, unit: 'ratio' },
    { name: `/index/files ÷ the searches that it still sends, ${of}`, value: service / rest, unit: 'ratio' },
    { name: `/index/files, ${of}`, value: service, unit: 'ms' },
    { name: `searches for hits and facets alone, beside ${of}`, value: alone, unit: 'ms' },
    { name: `the searches that it still sends, ${of}`, value: rest, unit: 'ms' },
    { name: `CPU of the service a request, ${of}`, value: spent, unit: 'ms' },
  ];
}

/** Medians of the sides, which go one after the other, in changing order. */
async function inTurns(sides: readonly (() => Promise<unknown>)[], rounds: number): Promise<readonly number[]> {
  const millis: number[][] = sides.map(() => []);
  const order = sides.map((_side, i) => i);
  for (let round = 0; round < rounds; round++) {
    for (const i of round % 2 === 0 ? order : order.toReversed()) {
      millis[i]?.push(await millisOf(sides[i] as () => Promise<unknown>));
    }
  }
  return millis.map(median);
}
