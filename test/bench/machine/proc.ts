import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { LazuliError } from '../../../core/config/errors.ts';

/** Linux counts CPU time for readers of /proc in hundredths of a second, whatever the hardware (proc(5)). */
const millisPerTick = 10;

/** CPU time of a process, all its threads, user and system, in milliseconds. */
export function cpuMillis(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program, in parentheses, may hold blanks; the fields wanted are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * millisPerTick;
}

/** The most memory that a process ever had resident, in MB of 10^6 bytes. */
export function peakMegabytes(pid: number): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (Number(kibibytes) * 1024) / 1e6;
}

/** The memory that a process has resident now, in MB of 10^6 bytes. */
export function residentMegabytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (Number(kibibytes) * 1024) / 1e6;
}

/** @throws LazuliError `engine_missing` where the machine can't tell what is to be measured */
export function requireMeasurable(): void {
  if (process.platform === 'linux' && spawnSync('taskset', ['--version']).error === undefined) return;
  throw new LazuliError('engine_missing', 'The benchmarks read /proc and pin processes to cores with taskset.', {
    remedy: 'Run them on Linux, with util-linux installed.',
  });
}

/**
 * Runs `work` with this process's main thread on one core: what it starts meanwhile stays there, and
 * sees one core only.
 */
export async function onCore<T>(core: number, work: () => Promise<T>): Promise<T> {
  const before = affinity();
  taskset('-cp', String(core), String(process.pid));
  try {
    return await work();
  } finally {
    taskset('-cp', before, String(process.pid));
  }
}

/** The cores that this process may use, such as `0-3`. */
function affinity(): string {
  const printed = taskset('-cp', String(process.pid));
  return printed.slice(printed.lastIndexOf(':') + 1).trim();
}

function taskset(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('taskset', args, { encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new LazuliError('engine_missing', `taskset ${args.join(' ')} failed: ${stderr.trim()}`, {
    remedy: 'The benchmarks need two cores that this process may use.',
  });
}

const calm = { lookMillis: 500, cpuMillis: 40, maxMillis: 30_000 } as const;

/** Waits until a process does next to nothing, so that what went before isn't charged to what comes next. */
export async function untilCalm(pid: number): Promise<void> {
  const deadline = Date.now() + calm.maxMillis;
  for (let before = cpuMillis(pid); Date.now() < deadline; ) {
    await new Promise((resolve) => setTimeout(resolve, calm.lookMillis));
    const now = cpuMillis(pid);
    if (now - before <= calm.cpuMillis) return;
    before = now;
  }
}
