import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const own = new Set<string>();
const namePattern = /^lazuli-snapshot-(\d+)-/;

process.on('exit', () => {
  for (const folder of own) rmSync(folder, { force: true, recursive: true });
});

/** A folder for what isn't needed longer than this process; those that killed processes have left are deleted. */
export function ownFolder(parent: string): string {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const [, pid] = namePattern.exec(name) ?? [];
    const folder = join(parent, name);
    if (pid !== undefined && !own.has(folder) && !isOtherProcess(Number(pid)))
      rmSync(folder, { force: true, recursive: true });
  }
  const folder = mkdtempSync(join(parent, `lazuli-snapshot-${process.pid}-`));
  own.add(folder);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { force: true, recursive: true });
  own.delete(folder);
}

/** Whether that is another process, and lives. */
export function isOtherProcess(pid: number): boolean {
  if (!(pid > 0) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
