import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** What tells a process from another that later got the same pid. */
export const identitySchema = z.strictObject({
  pid: z.int().positive(),
  /** when it started, in whatever unit the system has: compared, never read */
  started: z.string(),
  command: z.string(),
});
export type ProcessIdentity = z.output<typeof identitySchema>;

/** Whether the system shows processes in `/proc`; otherwise `ps` and `lsof` show them. */
export const hasProc = process.platform === 'linux';

/** @returns null where there is no such process, or only what is left of one */
export function identify(pid: number): ProcessIdentity | null {
  return hasProc ? identifyByProc(pid) : (listByPs(['-p', String(pid)])[0] ?? null);
}

/** Whether that very process is still there. */
export function isAlive(identity: ProcessIdentity): boolean {
  const present = identify(identity.pid);
  return present !== null && present.started === identity.started && present.command === identity.command;
}

/** Processes whose command line, arguments joined by blanks, has this text in it; not this one. */
export function processesOf(text: string): readonly ProcessIdentity[] {
  const all = hasProc ? listByProc() : listByPs(['-ax']);
  return all.filter(({ pid, command }) => pid !== process.pid && command.includes(text));
}

function listByProc(): readonly ProcessIdentity[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return identifyByProc(Number(name)) ?? [];
    } catch {
      // one that this user may not look at, and so is none of ours
      return [];
    }
  });
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

const maxListBytes = 64 * 2 ** 20;

/** @param which options that choose processes */
function listByPs(which: readonly string[]): readonly ProcessIdentity[] {
  const columns = ['-o', 'pid=', '-o', 'stat=', '-o', 'lstart=', '-o', 'command='];
  const env = { ...process.env, LC_ALL: 'C' };
  const { stdout } = spawnSync('ps', ['-ww', ...which, ...columns], { encoding: 'utf8', env, maxBuffer: maxListBytes });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, state, started, command] =
      /^\s*(\d+)\s+(\S+)\s+(\w+ +\w+ +\d+ [\d:]+ \d+)\s+(.*?)\s*$/.exec(line) ?? [];
    if (pid === undefined || state === undefined || started === undefined || command === undefined) return [];
    return state.startsWith('Z') ? [] : [{ pid: Number(pid), started, command }];
  });
}
