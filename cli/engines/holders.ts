import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { hasProc, identify, type ProcessIdentity } from './identity.ts';

/**
 * Who has a port or a file, so that a person can be told. Best effort: null where nobody has it, or this user may not
 * know.
 */

/** of sockets that listen, in /proc/net/tcp (proc(5)) */
const listening = '0A';
const maxShown = 200;

/** The process that has locked a file (fcntl), other than this one. */
export function lockHolder(file: string): ProcessIdentity | null {
  const inode = statSync(file, { throwIfNoEntry: false })?.ino;
  if (inode === undefined) return null;
  if (!hasProc) return byLsof([file]);
  // `1: POSIX  ADVISORY  WRITE 3367 fe:00:11519730 0 EOF`; the device is not that of `stat` on some file systems.
  const locks = linesOf('/proc/locks').map((line) => line.split(/\s+/));
  const pid = locks.find((fields) => fields[5]?.split(':')[2] === String(inode))?.[4];
  return pid === undefined || Number(pid) === process.pid ? null : identify(Number(pid));
}

/** The process that listens on a TCP port of this machine. */
export function portHolder(port: number): ProcessIdentity | null {
  if (!hasProc) return byLsof(['-nP', `-iTCP:${port}`, '-sTCP:LISTEN']);
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const sockets = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(linesOf).flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === listening && local?.endsWith(`:${hex}`) ? [`socket:[${inode}]`] : [];
  });
  if (sockets.length === 0) return null;
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && hasOpen(name, sockets));
  return pid === undefined ? null : identify(Number(pid));
}

/** `process 123 (java -Xms512m …)` */
export function shownProcess({ pid, command }: ProcessIdentity): string {
  return `process ${pid} (${command.length > maxShown ? `${command.slice(0, maxShown)}…` : command})`;
}

function hasOpen(pid: string, targets: readonly string[]): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((fd) => targets.includes(linkOf(`${folder}/${fd}`)));
  } catch {
    // of another user, or it has ended
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // closed meanwhile
    return '';
  }
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    // a system that doesn't tell
    return [];
  }
}

function byLsof(options: readonly string[]): ProcessIdentity | null {
  const { stdout } = spawnSync('lsof', ['-t', ...options], { encoding: 'utf8' });
  const pid = Number.parseInt(stdout ?? '', 10);
  return Number.isNaN(pid) || pid === process.pid ? null : identify(pid);
}
