import { LazuliError } from '../../core/config/errors.ts';
import type { Owner } from '../../core/control/workers.ts';
import { Refused } from '../../core/http/ask-json.ts';
import type { Run } from '../../core/runs/run.ts';
import { type Output, printResult } from '../output.ts';
import { stageOf } from './runs.ts';

/** Between two looks at a run. */
const pollMillis = 500;
/** How long a paused worker has before a command gives up. */
const beginMillis = 120_000;

/** Whether a command waits for the end of what it has begun, and how it prints the result. */
export interface FollowOptions {
  readonly wait: boolean;
  readonly json?: true;
}

/** What a command has done to a catalog. */
export interface Followed {
  readonly done: 'reindexed' | 'recomputed';
  /** JSON shows no more than state, generation and number of documents */
  readonly isBrief?: boolean;
}

/**
 * Follows a run that a command has begun, and prints how it ended.
 *
 * @throws LazuliError `unavailable` where the run doesn't succeed
 */
export async function follow(
  owner: Owner,
  run: Run,
  { done, isBrief = false }: Followed,
  { wait, json: asJson }: FollowOptions,
  output: Output,
): Promise<void> {
  const { catalog, id } = run;
  if (!wait) {
    const begun = isBrief ? { catalog, state: 'running' } : run;
    return printResult(output, asJson, begun, isBrief ? `reindexing ${catalog}` : `run ${id} of ${catalog} has begun`);
  }
  const ended = await untilEnded(owner, run, progressOf(output, asJson));
  const { state, failure, generation, documents } = ended;
  if (state !== 'succeeded') throw failed(catalog, `run ${id} is ${state}. ${failure ?? ''}`.trim());
  const result = isBrief ? { catalog, state: 'done', generation, documents: documents.done } : ended;
  const what = `${documents.done} documents, generation ${generation} serves`;
  printResult(output, asJson, result, `${done} ${catalog}: ${what}`);
}

/** Prints a line unless it is the last one again. */
type Progress = (line: string) => void;

function progressOf({ out, err }: Output, asJson: true | undefined): Progress {
  let last = '';
  return (line) => {
    if (line !== last) (asJson ? err : out)(line);
    last = line;
  };
}

/**
 * Begins a run once the worker can: another run may be under way, or the worker paused.
 *
 * @throws Refused where the worker can't, after two minutes of pause
 */
export async function begunInTurn(start: () => Promise<Run>, asJson: true | undefined, output: Output): Promise<Run> {
  const progress = progressOf(output, asJson);
  for (const deadline = Date.now() + beginMillis; ; ) {
    try {
      return await start();
    } catch (error) {
      const answered = error instanceof Refused ? error.answered : 0;
      if (answered !== 409 && (answered !== 503 || Date.now() > deadline)) throw error;
      const { told, message } = error as Refused;
      progress(`${answered === 409 ? 'waiting' : 'paused'}: ${told ?? message}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMillis));
  }
}

/** Says how far a run is until it has ended. A worker that is started again goes on with it. */
async function untilEnded(owner: Owner, begun: Run, progress: Progress): Promise<Run> {
  const { catalog } = begun;
  for (let run = begun; ; ) {
    if (run.ended !== null) return run;
    const pause = (await owner.status()).catalogs[catalog]?.pause ?? null;
    progress(pause === null ? stageOf(run) : `paused: ${pause.reason}`);
    await new Promise((resolve) => setTimeout(resolve, pollMillis));
    run = (await owner.runs({ catalog })).find(({ id }) => id === begun.id) ?? run;
  }
}

/** What a command began has not succeeded. */
function failed(catalog: string, why: string): LazuliError {
  return new LazuliError('unavailable', `The run of ${catalog} failed: ${why.replace(/\.$/, '')}.`, {
    remedy: 'The log of the transform worker and `lazuli runs show` say more. Searches are still answered.',
  });
}
