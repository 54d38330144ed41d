import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { LazuliError } from '../../core/config/errors.ts';
import type { Clock } from '../../core/runtime/ports.ts';

/** Who holds it longer has died: a new token comes within seconds. */
const staleMillis = 60_000;
const patienceMillis = 90_000;
const restMillis = 200;

/**
 * Does something that one process at a time may do: providers take a token for stolen that is used twice to get another one.
 *
 * @param folder that is there while somebody does it
 * @throws LazuliError `in_use`
 */
export async function alone<T>(folder: string, clock: Clock, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (const giveUp = clock.now() + patienceMillis; !taken(folder); ) {
    if (clock.now() >= giveUp) throw busy(folder);
    await clock.sleep(restMillis, signal);
  }
  try {
    return await work();
  } finally {
    release(folder);
  }
}

function taken(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const held = statSync(folder, { throwIfNoEntry: false });
  if (held !== undefined && Date.now() - held.mtimeMs > staleMillis) release(folder);
  return false;
}

function release(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

const busy = (folder: string): LazuliError =>
  new LazuliError('in_use', `Other commands keep renewing the token: ${folder} is there.`, {
    remedy: 'Run the command again.',
  });
