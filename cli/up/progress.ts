import { Listr } from 'listr2';
import type { Output } from '../output.ts';

/** How far a stage of the pipeline is, in bundles or documents. */
export interface Stage {
  readonly name: (typeof stageNames)[number];
  readonly done: number;
  readonly total: number;
}

/** Shows what is being done and how far it is. */
export interface Steps {
  /** Shows a step while it runs; `say` tells more about it. */
  run<T>(title: string, work: (say: (line: string) => void) => Promise<T>): Promise<T>;
  /** Shows stages side by side; `work` calls `show` with all of them whenever it looked. */
  follow(work: (show: (stages: readonly Stage[]) => void) => Promise<void>): Promise<void>;
}

type Now = () => number;
const plainMillis = 2000;

/** Moving on a terminal; plain lines in a log. */
export function steps(output: Output, now: Now = Date.now): Steps {
  return output.terminal ? terminalSteps(now) : plainSteps(output, now);
}

/** Lines only: one when a step ends, one for the stages every two seconds while something moves. */
export function plainSteps({ out }: Pick<Output, 'out'>, now: Now): Steps {
  return {
    async run(title, work) {
      const started = now();
      const result = await work((line) => out(`${title}: ${line}`));
      out(`${title}: ready after ${seconds(now() - started)}`);
      return result;
    },
    async follow(work) {
      const pace = new Pace(now);
      let printed = { at: Number.NEGATIVE_INFINITY, line: '' };
      let latest = '';
      const print = (): void => {
        if (latest !== printed.line) out(latest);
        printed = { at: now(), line: latest };
      };
      await work((stages) => {
        latest = stages.map((stage) => pace.describe(stage)).join(' | ');
        if (now() - printed.at >= plainMillis) print();
      });
      print();
    },
  };
}

const listOptions = { concurrent: true, registerSignalListeners: false } as const;
const stageNames = ['notified', 'staged', 'stored', 'indexed'] as const;

function terminalSteps(now: Now): Steps {
  return { run: runShown, follow: (work) => followShown(work, now) };
}

async function runShown<T>(title: string, work: (say: (line: string) => void) => Promise<T>): Promise<T> {
  const results: T[] = [];
  const list = new Listr(
    [
      {
        title,
        task: async (_context, shown) => {
          results.push(
            await work((line) => {
              shown.output = line;
            }),
          );
        },
      },
    ],
    listOptions,
  );
  await list.run();
  return results[0] as T;
}

async function followShown(work: Parameters<Steps['follow']>[0], now: Now): Promise<void> {
  const pace = new Pace(now);
  const finished = Promise.withResolvers<void>();
  const titles = new Map<string, (title: string) => void>();
  const tasks = stageNames.map((name) => ({
    title: name,
    task: (_context: unknown, shown: { title?: string }) => {
      titles.set(name, (title) => {
        shown.title = title;
      });
      return finished.promise;
    },
  }));
  const rendering = new Listr(tasks, listOptions).run();
  work((stages) => {
    for (const stage of stages) titles.get(stage.name)?.(`${bar(stage)} ${pace.describe(stage)}`);
  }).then(finished.resolve, finished.reject);
  await rendering;
}

const barCells = 20;

function bar({ done, total }: Stage): string {
  const full = total === 0 ? barCells : Math.floor((barCells * Math.min(done, total)) / total);
  return '█'.repeat(full) + '░'.repeat(barCells - full);
}

/** Rate and time left of each stage, since it was first seen moving. */
export class Pace {
  readonly #now: Now;
  readonly #first = new Map<string, { readonly at: number; readonly done: number }>();

  constructor(now: Now) {
    this.#now = now;
  }

  /** `staged 34/60 12.3/s ETA 2 s` */
  describe({ name, done, total }: Stage): string {
    const now = this.#now();
    const first = this.#first.get(name) ?? { at: now, done };
    this.#first.set(name, first);
    const rate = now > first.at ? ((done - first.done) * 1000) / (now - first.at) : 0;
    const left = total - done;
    const pace = rate > 0 ? ` ${rate.toFixed(1)}/s` : '';
    const eta = rate > 0 && left > 0 ? ` ETA ${seconds((left / rate) * 1000)}` : '';
    return `${name} ${done}/${total}${pace}${eta}`;
  }
}

/** `3.2 s`, `4 min` */
export function seconds(millis: number): string {
  if (millis < 60_000) return `${(millis / 1000).toFixed(1)} s`;
  return `${Math.round(millis / 60_000)} min`;
}
