import { existsSync, readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/** Linux has a priority of each thread. A new thread gets that of the one which starts it. */
const threads = '/proc/self/task';

/**
 * Lets other processes of the machine go first: somebody waits for their answers, and nobody for those of an export worker. To be
 * called once, where the process is an export worker's alone.
 */
export function giveWay(): void {
  const { PRIORITY_BELOW_NORMAL } = constants.priority;
  const all = existsSync(threads) ? readdirSync(threads).map(Number) : [process.pid];
  for (const thread of all) setPriority(thread, PRIORITY_BELOW_NORMAL);
}
