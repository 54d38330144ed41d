import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../core/config/folder.ts';

const pattern = /^worker-(\d+)$/;

/**
 * Makes an empty folder for the files of this process, and removes those of processes that have ended, however that was.
 *
 * @returns its path
 */
export function ownFolder(root: string): string {
  makeFolder(root, 0o700);
  for (const name of readdirSync(root)) {
    const pid = Number(pattern.exec(name)?.[1]);
    if (pid === process.pid || !isAlive(pid)) rmSync(join(root, name), { recursive: true, force: true });
  }
  const own = join(root, `worker-${process.pid}`);
  makeFolder(own, 0o700);
  return own;
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
