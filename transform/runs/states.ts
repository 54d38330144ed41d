import { randomBytes } from 'node:crypto';
import { LazuliError } from '../../core/config/errors.ts';
import { isRestricted } from '../../core/config/sources.ts';
import type { Run, RunOptions } from '../../core/runs/run.ts';
import type { BuildProgress } from '../building/build.ts';
import { isRestaging } from '../restaging/restaged.ts';
import type { TypeChange } from '../verification/former.ts';

/** A run that begins now. @param now milliseconds since the epoch */
export function newRun(catalog: string, kind: Run['kind'], options: RunOptions, now: number): Run {
  const started = new Date(now).toISOString();
  const id = `${started.replaceAll(/[-:.]/g, '')}-${randomBytes(3).toString('hex')}`;
  const phase = kind === 'repair' ? 'repairing' : options.from === 'repository' ? 'listing' : 'building';
  return {
    ...{ id, catalog, kind, ...options, phase, state: 'running', attempts: 1, started, ended: null, failure: null },
    ...{ generation: null, restaging: null, documents: { expected: 0, done: 0 }, sources: [] },
    ...{ rate: null, eta: null, failures: {}, vanished: null, acceptsVanished: false },
  };
}

/** What a run is that an operator wants. */
export const kindOf = (options: RunOptions): Run['kind'] =>
  options.from === 'staged' && isRestricted(options) ? 'repair' : 'reindex';

/** Whether what is built while it goes on is its own generation, not one that was wanted before. */
export const buildsItsOwn = (run: Run): boolean => !isRestaging(run) && run.kind !== 'repair';

/** What becomes of the runs that an earlier worker has left. */
export interface Left {
  /** goes on */
  readonly running: Run | undefined;
  /** waits for an operator's yes */
  readonly waiting: Run | undefined;
  /** those of which nobody recorded how they ended */
  readonly ended: readonly Run[];
}

/** @param all the latest first @param progress of the build that goes on; null where none does */
export function leftBy(all: readonly Run[], progress: BuildProgress | null): Left {
  const [last, ...lost] = all.filter(({ state }) => state === 'running');
  const running = last !== undefined && (progress !== null || !buildsItsOwn(last)) ? last : undefined;
  const unconfirmed = all.filter(({ state }) => state === 'unconfirmed');
  const isKept = (run: Run): boolean => (progress === null ? isRestaging(run) : run.generation === progress.generation);
  const waiting = running === undefined ? unconfirmed.find(isKept) : undefined;
  const ended = [...(last === undefined || running ? [] : [last]), ...lost, ...unconfirmed];
  return { running, waiting, ended: ended.filter((run) => run !== waiting) };
}

/** Documents that have vanished, as a run shows them. */
export const vanishedOf = (changes: readonly TypeChange[]): NonNullable<Run['vanished']> =>
  changes
    .filter(({ vanished }) => vanished > 0)
    .map(({ entityType, before, vanished, lost }) => ({ entityType, before, vanished, lost }));

export function alreadyRunning(current: Run | null): LazuliError {
  const which = current === null ? 'A run is about to begin' : `Run ${current.id} is running`;
  return new LazuliError('conflict', `${which}.`, { remedy: 'Let it end, or cancel it.' });
}

/** A run that can't be cancelled. */
export function notRunning({ id, state }: Run, current: Run | null): LazuliError {
  return new LazuliError(
    'conflict',
    `Run ${id} is not running, but ${state}; ${current === null ? 'none' : current.id} is.`,
    {
      remedy: '`lazuli runs list` shows all.',
    },
  );
}

/** @throws LazuliError `conflict` where nothing else serves that is current */
export function expectDispensable({ id }: Run, serves: boolean, isWaiting: boolean): void {
  if (serves) return;
  throw new LazuliError('conflict', `Run ${id} can't be cancelled: nothing else serves that is current.`, {
    remedy: isWaiting
      ? 'Resume it, or begin another one with `lazuli reindex`.'
      : 'Let it end. `lazuli runs show` tells when that will be.',
  });
}

/** A run that can't be resumed. */
export function notResumable({ id }: Run, current: Run | null): LazuliError {
  const why = current === null ? 'it has succeeded' : `${current.id} is running`;
  return new LazuliError('conflict', `Run ${id} can't be resumed: ${why}.`, {
    remedy: 'Begin another one with `lazuli reindex`, once none is running.',
  });
}

export const noRun = (id: string): LazuliError =>
  new LazuliError('not_found', `There is no run ${id}.`, { remedy: '`lazuli runs list` shows which there are.' });
