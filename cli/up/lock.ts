import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import { parsedJson } from '../../core/config/text.ts';
import { endOrphan } from '../engines/child.ts';
import { identify, identitySchema, isAlive, processesOf } from '../engines/identity.ts';
import { ownersFolder } from '../owner-only.ts';

const schema = z.strictObject({
  owner: identitySchema,
  /** in the command line of everything that the owner starts, and of nothing else */
  mark: z.string().regex(/^lazuli-[0-9a-f-]{36}$/),
});
type Lock = z.output<typeof schema>;

/**
 * Says which process uses a data folder, and by which mark whatever that has started can be found. It is written
 * before anything is started and never again: so nothing can be started that it doesn't know, nor on a full disk.
 *
 * A lock whose owner is gone is taken over, and what the owner left running is ended first.
 */
export class DataFolderLock {
  readonly mark: string;
  readonly #file: string;

  private constructor(file: string, { mark }: Lock) {
    this.#file = file;
    this.mark = mark;
  }

  /**
   * @param say called with a line for each process that is ended
   * @throws LazuliError `in_use` while another process uses the folder, `configuration_invalid` where it can't be used
   */
  static async acquire(folder: string, say: (line: string) => void): Promise<DataFolderLock> {
    const file = join(folder, 'lock.json');
    const owner = identify(process.pid);
    if (owner === null) throw new Error(`process ${process.pid} does not see itself`);
    const lock: Lock = { owner, mark: `lazuli-${randomUUID()}` };
    while (!createIn(folder, file, lock)) {
      const held = read(file);
      if (held === null) continue;
      if (isAlive(held.owner)) throw inUse(folder, held.owner.pid);
      await endLeft(held, say);
      removeStale(file, held);
    }
    return new DataFolderLock(file, lock);
  }

  release(): void {
    rmSync(this.#file, { force: true });
  }
}

function createIn(folder: string, file: string, lock: Lock): boolean {
  try {
    ownersFolder(folder);
    return createWhole(file, lock);
  } catch (cause) {
    throw new LazuliError(
      'configuration_invalid',
      `The data folder ${folder} can't be used: ${(cause as Error).message}`,
      { remedy: 'Make it a folder that can be written to, with room, or choose another one with --data.', cause },
    );
  }
}

/** @returns false where there is a lock already */
function createWhole(file: string, lock: Lock): boolean {
  const whole = `${file}.${process.pid}`;
  try {
    writeFileSync(whole, JSON.stringify(lock));
    linkSync(whole, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(whole, { force: true });
  }
}

/** @returns null where there is none (any more) */
function read(file: string): Lock | null {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return schema.parse(parsedJson(bytes));
  } catch (cause) {
    throw new LazuliError('in_use', `${file} can't be read, so it is not known who uses this folder.`, {
      remedy: 'Make sure that no other `lazuli up` uses this data folder, then delete that file.',
      cause,
    });
  }
}

async function endLeft({ owner, mark }: Lock, say: (line: string) => void): Promise<void> {
  const left = processesOf(mark);
  for (const { pid } of left) say(`ending process ${pid}, which process ${owner.pid} left behind`);
  await Promise.all(left.map(endOrphan));
}

/** Moves the lock away first: of two processes that find it stale only one gets that very file. */
function removeStale(file: string, { mark }: Lock): void {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = read(aside);
  if (moved !== null && moved.mark !== mark && isAlive(moved.owner)) renameSync(aside, file);
  else rmSync(aside, { force: true });
}

function inUse(folder: string, pid: number): LazuliError {
  return new LazuliError('in_use', `The data folder ${folder} is in use by process ${pid}.`, {
    remedy: 'End that process (Ctrl-C, or `kill` with its number), or choose another folder with --data.',
  });
}
