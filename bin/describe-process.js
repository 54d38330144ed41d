import { readdirSync, readFileSync } from 'node:fs';

/**
 * What a process waits for, thread by thread, and its children, as far as /proc knows (proc(5)).
 *
 * @param {number} pid
 * @returns {string} a line each
 */
export function describeProcess(pid) {
  const threads = entries(`/proc/${pid}/task`);
  const waits = threads.map((thread) => {
    const of = `/proc/${pid}/task/${thread}`;
    return `thread ${thread} ${read(`${of}/comm`)}: ${read(`${of}/wchan`)}, system call ${read(`${of}/syscall`)}`;
  });
  const children = threads.flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).split(' '));
  const programs = children
    .filter((child) => child !== '')
    .map((child) => `child ${child}: ${read(`/proc/${child}/cmdline`).replaceAll('\0', ' ')}`);
  return [...waits, ...programs].join('\n');
}

/** @param {string} folder */
function entries(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    // It is gone, or this isn't Linux.
    return '';
  }
}
