import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LazuliError } from '../../config/errors.ts';
import { endOrphan } from '../engines/child.ts';
import { identify, identitySchema, isAlive, type ProcessIdentity } from '../engines/identity.ts';
import { ownersFolder } from '../owner-only.ts';

const schema = z.strictObject({
  owner: identitySchema,
  /** what the owner started and has not seen ending */
  children: z.array(identitySchema),
});
type Lock = z.output<typeof schema>;

/**
 * Says which process uses a data folder, and what it has started. A lock whose owner is gone is taken
 * over, and what the owner left running is ended first.
 */
export class DataFolderLock {
  readonly #file: string;
  #lock: Lock;

  private constructor(file: string, lock: Lock) {
    this.#file = file;
    this.#lock = lock;
  }

  /**
   * @param say called with a line for each process that is ended
   * @throws LazuliError `in_use` while another process uses the folder
   */
  static async acquire(folder: string, say: (line: string) => void): Promise<DataFolderLock> {
    ownersFolder(folder);
    const file = join(folder, 'lock.json');
    const owner = identify(process.pid);
    if (owner === null) throw new Error(`process ${process.pid} does not see itself`);
    const lock: Lock = { owner, children: [] };
    while (!createWhole(file, lock)) {
      const held = read(file);
      if (held === null) continue;
      if (isAlive(held.owner)) throw inUse(folder, held.owner.pid);
      await endChildren(held, say);
      removeStale(file, held);
    }
    return new DataFolderLock(file, lock);
  }

  /** Remembers a process, so that it can be ended when this one can't do it itself. */
  record(child: ProcessIdentity): void {
    this.#write({ ...this.#lock, children: [...this.#lock.children, child] });
  }

  forget(pid: number): void {
    this.#write({ ...this.#lock, children: this.#lock.children.filter((child) => child.pid !== pid) });
  }

  release(): void {
    rmSync(this.#file, { force: true });
  }

  #write(lock: Lock): void {
    this.#lock = lock;
    const next = `${this.#file}.next`;
    writeFileSync(next, JSON.stringify(lock));
    renameSync(next, this.#file);
  }
}

/** @returns false where there is a lock already */
function createWhole(file: string, lock: Lock): boolean {
  const whole = `${file}.${process.pid}`;
  writeFileSync(whole, JSON.stringify(lock));
  try {
    linkSync(whole, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(whole);
  }
}

/** @returns null where there is none (any more) */
function read(file: string): Lock | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new LazuliError('in_use', `${file} can't be read, so it is not known who uses this folder.`, {
      remedy: 'Make sure that no other `lazuli up` uses this data folder, then delete that file.',
      cause,
    });
  }
}

async function endChildren({ owner, children }: Lock, say: (line: string) => void): Promise<void> {
  const left = children.filter(isAlive);
  for (const child of left) say(`ending process ${child.pid}, which process ${owner.pid} left behind`);
  await Promise.all(left.map(endOrphan));
}

/** Moves the lock away first: of two processes that find it stale only one gets that very file. */
function removeStale(file: string, held: Lock): void {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = read(aside);
  if (moved !== null && moved.owner.started !== held.owner.started && isAlive(moved.owner)) renameSync(aside, file);
  else rmSync(aside, { force: true });
}

function inUse(folder: string, pid: number): LazuliError {
  return new LazuliError('in_use', `The data folder ${folder} is in use by process ${pid}.`, {
    remedy: 'End that process (Ctrl-C, or `kill` with its number), or choose another folder with --data.',
  });
}
