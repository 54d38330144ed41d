import { readdirSync, rmSync, statSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../config/folder.ts';

const pattern = /^worker-(?:(.*)-)?(\d+)$/;
/** Workers of other hosts mark their folders more often while they live. */
const unmarkedMillis = 24 * 60 * 60 * 1000;

/** Whose a folder is: containers that share a disk have the same process ids. */
export interface Owner {
  readonly host: string;
  readonly pid: number;
}

const thisProcess = (): Owner => ({ host: hostname().replaceAll(/[^\w.-]/g, '_'), pid: process.pid });

/**
 * Makes an empty folder for the files of this process, and removes those of processes that have ended, however that was.
 *
 * @returns its path
 */
export function ownFolder(root: string, now: number, { host, pid }: Owner = thisProcess()): string {
  makeFolder(root, 0o700);
  for (const name of readdirSync(root)) {
    const [, owner = host, number] = pattern.exec(name) ?? [];
    const isOurs = owner === host;
    const isOver = isOurs ? Number(number) === pid || !isAlive(Number(number)) : isUnmarked(join(root, name), now);
    if (isOver) rmSync(join(root, name), { recursive: true, force: true });
  }
  const own = join(root, `worker-${host}-${pid}`);
  makeFolder(own, 0o700);
  return own;
}

/** Says that a folder is still used. */
export async function markFolder(folder: string, now: number): Promise<void> {
  await utimes(folder, new Date(now), new Date(now));
}

function isUnmarked(folder: string, now: number): boolean {
  const marked = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  return marked !== undefined && now - marked > unmarkedMillis;
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
