import type { Part } from '../machine/part.ts';
import { residentMegabytes } from '../machine/proc.ts';
import type { Measurement } from '../measurement.ts';
import type { ServicePart } from '../parts/service.ts';
import { quantile, shown } from '../statistics.ts';
import type { SearchRig } from './search-rig.ts';

/** Requests of people who look around: lists, filters, other pages. */
const filters = [
  '{}',
  '{"organ":{"is":["brain"]}}',
  '{"genusSpecies":{"is":["Homo sapiens"]}}',
  '{"fileFormat":{"is":[null]}}',
];
const types = ['files', 'samples', 'projects', 'bundles'];
const sizes = [5, 10, 25];

/** Memory counts from here on, as a share of the time: before, caches fill and code is compiled. */
const settledShare = 1 / 3;
const lookMillis = 500;

/** Many clients at once for a while, each of which asks again as soon as it is answered. */
export async function crowd(
  { bench, requests }: SearchRig,
  url: string,
  part: Part<ServicePart>,
): Promise<Measurement[]> {
  const { clients, seconds } = bench.sizes.search;
  const started = performance.now();
  const until = started + seconds * 1000;
  const millis: number[] = [];
  const memory: { readonly at: number; readonly megabytes: number }[] = [];
  const look = setInterval(
    () => memory.push({ at: performance.now(), megabytes: residentMegabytes(part.pid) }),
    lookMillis,
  );
  const client = async (number: number): Promise<void> => {
    for (let turn = number; performance.now() < until; turn++) {
      const begun = performance.now();
      const { status, text } = await requests.get(url + pathOf(turn));
      if (status !== 200) throw new Error(`${pathOf(turn)} was answered ${status}: ${text.slice(0, 200)}`);
      millis.push(performance.now() - begun);
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  } finally {
    clearInterval(look);
  }
  const settled = memory.filter(({ at }) => at > started + seconds * 1000 * settledShare);
  const half = Math.ceil(settled.length / 2);
  const [before, after] = [settled.slice(0, half), settled.slice(half)].map((looks) =>
    Math.max(...looks.map(({ megabytes }) => megabytes)),
  ) as [number, number];
  bench.say(
    `${millis.length} requests of ${clients} clients, none failed; ${shown(before)} MB, then ${shown(after)} MB`,
  );
  return [
    {
      name: `p99 of ${clients} clients at once`,
      value: quantile(millis, 0.99),
      unit: 'ms',
      note: `${millis.length} requests in ${seconds} s, none failed; median ${shown(quantile(millis, 0.5))} ms`,
    },
    { name: 'requests of clients at once', value: millis.length / seconds, unit: 'requests/s' },
    {
      name: 'memory of the service later ÷ earlier under load',
      value: after / before,
      unit: 'ratio',
      target: { bound: 'most', value: 1.1 },
      note: `most in the last third ÷ in the third before: ${shown(after)} MB`,
    },
  ];
}

function pathOf(turn: number): string {
  const pick = <T>(values: readonly T[], step: number): T => values[Math.floor(turn / step) % values.length] as T;
  const parameters = new URLSearchParams({ filters: pick(filters, 1), size: String(pick(sizes, 4)) });
  return `/index/${pick(types, 12)}?${parameters}`;
}
