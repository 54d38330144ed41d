import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What tells a process from another that later got the same pid. */
export const identitySchema = z.strictObject({
  pid: z.int().positive(),
  /** when it started, in whatever unit the system has: compared, never read */
  started: z.string(),
  command: z.string(),
});
export type ProcessIdentity = z.output<typeof identitySchema>;

/** @returns null where there is no such process, or only what is left of one */
export function identify(pid: number): ProcessIdentity | null {
  return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid);
}

/** Whether that very process is still there. */
export function isAlive(identity: ProcessIdentity): boolean {
  const present = identify(identity.pid);
  return present !== null && present.started === identity.started && present.command === identity.command;
}

function identifyByProc(pid: number): ProcessIdentity | null {
  try {
    // The name of the program, in parentheses, may hold blanks; state is field 3, start time field 22 (proc(5)).
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, started] = [fields[0], fields[19]];
    if (state === 'Z' || started === undefined) return null;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    return { pid, started, command };
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

function identifyByPs(pid: number): ProcessIdentity | null {
  const columns = ['-o', 'stat=', '-o', 'lstart=', '-o', 'command=', '-p', String(pid)];
  const { stdout } = spawnSync('ps', columns, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  const [, state, started, command] = /^(\S+)\s+(\w+ +\w+ +\d+ [\d:]+ \d+)\s+(.*)$/.exec(stdout.trim()) ?? [];
  if (state === undefined || started === undefined || command === undefined || state.startsWith('Z')) return null;
  return { pid, started, command };
}
