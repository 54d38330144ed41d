import { Listr } from 'listr2';
import { printable } from '../../core/config/printable.ts';
import type { Output } from '../output.ts';

/** How far a stage of the pipeline is. */
export interface Stage {
  readonly name: (typeof stageNames)[number];
  readonly unit: 'bundles' | 'batches' | 'documents';
  readonly done: number;
  readonly total: number;
}

/** Shows what is being done and how far it is. */
export interface Steps {
  /** Shows a step while it runs; `say` tells more about it. */
  run<T>(title: string, work: (say: (line: string) => void) => Promise<T>): Promise<T>;
  /** Shows stages side by side; `work` calls `show` with all of them whenever it looked. */
  follow<T>(work: (show: (stages: readonly Stage[]) => void) => Promise<T>): Promise<T>;
}

type Now = () => number;
const plainMillis = 2000;

/** Moving on a terminal; plain lines in a log. */
export function steps(output: Output, now: Now = Date.now): Steps {
  return output.terminal ? terminalSteps(now) : plainSteps(output, now);
}

/** Shows nothing: for programs. */
export const quietSteps: Pick<Steps, 'run'> = { run: (_title, work) => work(() => {}) };

/** Lines only: one when a step ends, at most one every two seconds while something goes on. */
export function plainSteps({ out }: Pick<Output, 'out'>, now: Now): Steps {
  return {
    async run(title, work) {
      const started = now();
      let printed = Number.NEGATIVE_INFINITY;
      const result = await work((line) => {
        if (now() - printed < plainMillis) return;
        printed = now();
        out(`${title}: ${line}`);
      });
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
      const result = await work((stages) => {
        latest = stages.map((stage) => pace.describe(stage)).join(' | ');
        if (now() - printed.at >= plainMillis) print();
      });
      print();
      return result;
    },
  };
}

const listOptions = {
  concurrent: true,
  registerSignalListeners: false,
  // The command says what failed, once and printable.
  rendererOptions: { showErrorMessage: false },
} as const;
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
              shown.output = printable(line);
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

async function followShown<T>(work: (show: (stages: readonly Stage[]) => void) => Promise<T>, now: Now): Promise<T> {
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
  const working = work((stages) => {
    for (const stage of stages) titles.get(stage.name)?.(`${bar(stage)} ${pace.describe(stage)}`);
  });
  working.then(() => finished.resolve(), finished.reject);
  await rendering;
  return working;
}

const barCells = 20;

/** `█████░░░░░` */
export function bar({ done, total }: Pick<Stage, 'done' | 'total'>): string {
  const full = total === 0 ? barCells : Math.floor((barCells * Math.min(done, total)) / total);
  return '█'.repeat(full) + '░'.repeat(barCells - full);
}

interface Movement {
  /** the first look */
  readonly at: number;
  readonly done: number;
  /** the last time that it moved, and how far it was then */
  readonly movedAt: number;
  readonly last: number;
}

/** Rate and time left of each stage: what it did between the first look and the last time that it moved. */
export class Pace {
  readonly #now: Now;
  readonly #movements = new Map<string, Movement>();

  constructor(now: Now) {
    this.#now = now;
  }

  /** `staged 34/60 bundles, 12.3/s, ETA 2.1 s` */
  describe({ name, unit, done, total }: Stage): string {
    const now = this.#now();
    const known = this.#movements.get(name) ?? { at: now, done, movedAt: now, last: done };
    const movement = done === known.last ? known : { ...known, movedAt: now, last: done };
    this.#movements.set(name, movement);
    const millis = movement.movedAt - movement.at;
    const rate = millis > 0 ? ((done - movement.done) * 1000) / millis : 0;
    const pace = rate > 0 ? `, ${rate.toFixed(1)}/s` : '';
    const eta = rate > 0 && total > done ? `, ETA ${seconds(((total - done) / rate) * 1000)}` : '';
    return `${name} ${done}/${total} ${unit}${pace}${eta}`;
  }
}

/** `3.2 s`, `4 min` */
export function seconds(millis: number): string {
  if (millis < 60_000) return `${(millis / 1000).toFixed(1)} s`;
  return `${Math.round(millis / 60_000)} min`;
}
