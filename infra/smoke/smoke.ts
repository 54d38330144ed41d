import { setTimeout as sleep } from 'node:timers/promises';
import { checkHealth, checkSearch, checkVersion } from './answers.ts';
import { commitOf } from './commit.ts';
import { checkExports } from './exports.ts';
import { SmokeFailure } from './failure.ts';
import { outputsOf } from './outputs.ts';
import { checkTasks } from './tasks.ts';

export interface SmokeOptions {
  readonly stack: string;
  /** whose code has to answer; absent: that which the image is tagged with */
  readonly commit?: string | undefined;
  /** milliseconds for which answers may be wrong: names of a first deployment spread, and its index is built */
  readonly waitMillis: number;
  readonly pauseMillis?: number;
  /** hears of each check that passed */
  readonly tell: (line: string) => void;
}

const defaultPauseMillis = 10_000;

/**
 * Looks whether what was deployed is what runs, and whether it answers.
 *
 * @throws SmokeFailure what is wrong, and what to do
 */
export async function smoke(options: SmokeOptions): Promise<void> {
  const { stack, tell, waitMillis, pauseMillis = defaultPauseMillis } = options;
  const outputs = await outputsOf(stack);
  tell(`${await checkTasks(outputs)} services run the task definitions of ${stack}`);
  const commit = options.commit ?? (await commitOf(outputs.image));
  const end = Date.now() + waitMillis;
  const soon = <T>(check: () => Promise<T>): Promise<T> => passed(check, end, pauseMillis);
  for (const url of [outputs.queryUrl, outputs.indexerUrl]) {
    await soon(() => checkHealth(url));
    await soon(() => checkVersion(url, commit));
    tell(`${url} is up, and of the commit ${commit}`);
  }
  tell(await soon(() => checkSearch(outputs.queryUrl)));
  if (Object.hasOwn(outputs.services.taskDefinitions, `lazuli-${stack}-export`))
    tell(await soon(() => checkExports(outputs.queryUrl, end)));
}

/** @throws SmokeFailure the last one, once time is up */
async function passed<T>(check: () => Promise<T>, end: number, pauseMillis: number): Promise<T> {
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof SmokeFailure) || Date.now() + pauseMillis > end) throw error;
      await sleep(pauseMillis);
    }
  }
}
