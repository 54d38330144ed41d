import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { Run } from '../../core/runs/run.ts';
import { type Output, printResult } from '../output.ts';
import { listRuns } from '../pipeline/workers.ts';
import { stageOf } from './runs.ts';

/** Between two looks at a run. */
export const pollMillis = 500;

/** Whether a command waits for the end of what it has begun, and how it prints the result. */
export interface FollowOptions {
  readonly wait: boolean;
  readonly json?: true;
}

/**
 * Follows a run that a command has begun, and prints how it ended.
 *
 * @param done what has been done to the catalog, such as `reindexed`
 * @throws LazuliError `unavailable` where the run doesn't succeed
 */
export async function follow(
  settings: Settings,
  run: Run,
  done: 'reindexed' | 'recomputed',
  { wait, json: asJson }: FollowOptions,
  output: Output,
): Promise<void> {
  const { catalog, id } = run;
  if (!wait) return printResult(output, asJson, run, `run ${id} of ${catalog} has begun`);
  const ended = await untilEnded(settings, run, asJson ? output.err : output.out);
  if (ended.state !== 'succeeded') throw failed(catalog, `run ${id} is ${ended.state}. ${ended.failure ?? ''}`.trim());
  const what = `${ended.documents.done} documents, generation ${ended.generation} serves`;
  printResult(output, asJson, ended, `${done} ${catalog}: ${what}`);
}

/** Says how far a run is until it has ended. A worker that is started again goes on with it. */
async function untilEnded(settings: Settings, begun: Run, say: (line: string) => void): Promise<Run> {
  for (let last = '', run = begun; ; ) {
    if (run.ended !== null) return run;
    const line = stageOf(run);
    if (line !== last) say(line);
    last = line;
    await new Promise((resolve) => setTimeout(resolve, pollMillis));
    run = (await listRuns(settings, begun.catalog)).find(({ id }) => id === begun.id) ?? run;
  }
}

/** What a command began has not succeeded. */
export function failed(catalog: string, why: string): LazuliError {
  return new LazuliError('unavailable', `The run of ${catalog} failed: ${why.replace(/\.$/, '')}.`, {
    remedy: 'The log of the transform worker and `lazuli runs show` say more. Searches are still answered.',
  });
}
