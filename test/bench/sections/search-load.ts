import type { Part } from '../machine/part.ts';
import { residentMegabytes } from '../machine/proc.ts';
import { Requests } from '../machine/requests.ts';
import type { Measurement } from '../measurement.ts';
import type { ServicePart } from '../parts/service.ts';
import { quantile, shown } from '../statistics.ts';
import type { SearchRig } from './search-rig.ts';

/** Clients at a time: each asks for something that nobody has asked before, and again once it is answered. */
const crowds = [1, 8, 64, 256];
/** For which who is refused waits, as `Retry-After` says. */
const retryMillis = 5_000;

/** What so many clients were answered. */
interface Load {
  readonly clients: number;
  /** answers a second, refusals not counted */
  readonly rate: number;
  readonly refused: number;
  readonly millis: readonly number[];
  readonly megabytes: number;
}

/** Whether more clients get fewer answers. */
export async function load(rig: SearchRig, url: string, part: Part<ServicePart>): Promise<Measurement[]> {
  const loads: Load[] = [];
  for (const clients of crowds) loads.push(await loadOf(rig, url, part, clients));
  const best = Math.max(...loads.map(({ rate }) => rate));
  const [first, ...more] = loads.map(({ rate }, i) => rate / Math.max(...loads.slice(0, i + 1).map((one) => one.rate)));
  return [
    {
      name: 'requests answered by more clients ÷ by the best number of fewer',
      value: Math.min(first ?? 1, ...more),
      unit: 'ratio',
      target: { bound: 'least', value: 0.8 },
      note: `${crowds.join(', ')} clients, nothing asked twice; best ${shown(best)} a second`,
    },
    ...loads.flatMap(measured),
  ];
}

function measured({ clients, rate, refused, millis, megabytes }: Load): Measurement[] {
  const [median, most] = [quantile(millis, 0.5), quantile(millis, 0.99)].map(shown);
  return [
    {
      name: `different requests of ${clients} clients`,
      value: rate,
      unit: 'requests/s',
      note: `median ${median} ms, p99 ${most} ms; ${refused} refused; memory ${shown(megabytes)} MB`,
    },
  ];
}

async function loadOf({ bench }: SearchRig, url: string, part: Part<ServicePart>, clients: number): Promise<Load> {
  const requests = new Requests(clients);
  const started = performance.now();
  const until = started + bench.sizes.search.seconds * 1000;
  const millis: number[] = [];
  let refused = 0;
  const client = async (number: number): Promise<void> => {
    for (let turn = 0; performance.now() < until; turn++) {
      const begun = performance.now();
      const { status, text } = await requests.get(url + pathOf(`${clients} ${number} ${turn}`));
      if (status === 200) millis.push(performance.now() - begun);
      else if (status !== 503) throw new Error(`A request was answered ${status}: ${text.slice(0, 200)}`);
      else {
        refused++;
        await new Promise((resolve) =>
          setTimeout(resolve, Math.max(0, Math.min(retryMillis, until - performance.now()))),
        );
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  } finally {
    requests.close();
  }
  const rate = millis.length / ((performance.now() - started) / 1000);
  const megabytes = residentMegabytes(part.pid);
  bench.say(`${clients} clients: ${shown(rate)} a second, ${refused} refused, ${shown(megabytes)} MB`);
  return { clients, rate, refused, millis, megabytes };
}

const pathOf = (mark: string): string =>
  `/index/files?${new URLSearchParams({ filters: JSON.stringify({ organ: { is: ['brain', null, mark] } }) })}`;
