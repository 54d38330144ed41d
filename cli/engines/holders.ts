import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasProc, identify, type ProcessIdentity } from './identity.ts';

/**
 * Who has a port or a file, for messages to people. Best effort: null where nobody has it, or this user may not
 * know.
 */

/** of sockets that listen, in /proc/net/tcp (proc(5)) */
const listening = '0A';
const maxShown = 200;

/** The process that has locked a file (fcntl), other than this one. */
export function lockHolder(file: string): ProcessIdentity | null {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return null;
  if (!hasProc) return byLsof([file]);
  const pid = lockingPid(linesOf('/proc/locks'), { device: deviceOf(dirname(file)), inode: found.ino });
  return pid === null || pid === process.pid ? null : identify(pid);
}

/** A file, with the file system of its inode. */
export interface LockedFile {
  /** as in /proc/locks: `fe:00` */
  readonly device: string | null;
  readonly inode: bigint;
}

/** @param locks lines of /proc/locks: `1: POSIX  ADVISORY  WRITE 3367 fe:00:11519730 0 EOF` */
export function lockingPid(locks: readonly string[], { device, inode }: LockedFile): number | null {
  const name = `${device}:${inode}`;
  const pid = locks.map((line) => line.split(/\s+/)).find((fields) => fields[5] === name)?.[4];
  return pid === undefined ? null : Number(pid);
}

/**
 * Of the file system that a folder is in, as /proc/locks names it. Its mount says so: `stat` tells another device on some
 * (Btrfs). The file itself isn't opened, because closing it would end locks of this process.
 */
function deviceOf(folder: string): string | null {
  let opened: number | undefined;
  try {
    opened = openSync(folder, 'r');
    const id = linesOf(`/proc/self/fdinfo/${opened}`).flatMap((line) => /^mnt_id:\s+(\d+)$/.exec(line)?.[1] ?? [])[0];
    // `27 1 254:0 / / rw,relatime - ext4 /dev/vda rw`
    const mount = linesOf('/proc/self/mountinfo').find((line) => line.startsWith(`${id} `));
    const numbers = mount?.split(' ')[2]?.split(':') ?? [];
    return numbers.map((number) => Number(number).toString(16).padStart(2, '0')).join(':');
  } catch {
    // a folder that this user may not read
    return null;
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
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
    // a system that doesn't say
    return [];
  }
}

function byLsof(options: readonly string[]): ProcessIdentity | null {
  const { stdout } = spawnSync('lsof', ['-t', ...options], { encoding: 'utf8' });
  const pid = Number.parseInt(stdout ?? '', 10);
  return Number.isNaN(pid) || pid === process.pid ? null : identify(pid);
}
