import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LazuliError } from '../../../../core/config/errors.ts';
import { jsonBytes, jsonOrNothing, shownText } from '../../../../core/config/text.ts';
import type { TableEstimate } from '../../../../core/model/repository.ts';
import { systemClock } from '../../../../core/runtime/clock.ts';
import { isOtherProcess } from '../scratch.ts';
import { estimateOf } from './estimate.ts';
import { bytesOf, Room } from './room.ts';
import type { HeldTables, SnapshotRef, SnapshotTables, TableFiles, TableSource, TablesFolder } from './tables.ts';

const completeFile = 'complete.json';
const tableName = /^\w{1,63}$/;
/** What a folder of tables has, once it has all: sizes of the files of each table. */
const completeSchema = z.record(z.string().regex(tableName), z.record(z.string(), z.int().min(0)));
type Complete = z.output<typeof completeSchema>;

const pollMillis = 1_000;

export interface KeptTablesParts {
  readonly folder: string;
  /** for all snapshots together */
  readonly maxBytes: number;
  readonly source: TableSource;
}

/** What this process brings at present, by folder. */
const bringing = new Map<string, Promise<void>>();

/**
 * Tables that were brought to a folder and stay there, for as long as there is room: a snapshot never changes. Several
 * processes may share the folder. What one that died has finished isn't brought again.
 */
export class KeptTables implements SnapshotTables {
  readonly #source: TableSource;
  readonly #room: Room;

  constructor({ folder, maxBytes, source }: KeptTablesParts) {
    this.#source = source;
    this.#room = new Room(join(folder, 'lazuli-tables'), maxBytes);
  }

  async hold(snapshot: SnapshotRef, signal: AbortSignal): Promise<HeldTables> {
    const leave = await this.#room.enter(snapshot.id);
    try {
      return { files: await this.#files(snapshot, signal), release: leave };
    } catch (error) {
      await leave();
      throw error;
    }
  }

  async check(snapshot: SnapshotRef, signal: AbortSignal): Promise<void> {
    await this.#source.check?.(snapshot, signal);
  }

  async estimate(snapshot: SnapshotRef, signal: AbortSignal): Promise<readonly TableEstimate[] | null> {
    const files = await completeIn(this.#room.folderOf(snapshot.id));
    if (files !== null) return estimateOf(files);
    return this.#source.estimate?.(snapshot, signal) ?? null;
  }

  get readSome(): SnapshotTables['readSome'] {
    const { readSome } = this.#source;
    if (readSome === undefined) return undefined;
    return async (snapshot, uuids, folder, signal) => {
      const whole = this.#room.folderOf(snapshot.id);
      if (bringing.has(whole) || (await completeIn(whole)) !== null) return null;
      return readSome(snapshot, uuids, { folder, maxBytes: await this.#room.left() }, signal);
    };
  }

  async #files(snapshot: SnapshotRef, signal: AbortSignal): Promise<TableFiles> {
    const folder = this.#room.folderOf(snapshot.id);
    for (;;) {
      signal.throwIfAborted();
      const files = await completeIn(folder);
      if (files !== null) return files;
      await (bringing.get(folder) ?? this.#begin(snapshot, folder, signal));
    }
  }

  /** Also where another process does it: then this one waits. */
  #begin(snapshot: SnapshotRef, folder: string, signal: AbortSignal): Promise<void> {
    const work = async () => {
      try {
        if (await locked(folder)) await this.#bring(snapshot, folder, signal).finally(() => rm(lockOf(folder)));
        else await systemClock.sleep(pollMillis, signal);
      } finally {
        bringing.delete(folder);
      }
    };
    const begun = work();
    bringing.set(folder, begun);
    return begun;
  }

  async #bring(snapshot: SnapshotRef, folder: string, signal: AbortSignal): Promise<void> {
    await this.#room.make();
    await mkdir(folder, { recursive: true });
    await rm(join(folder, completeFile), { force: true });
    const own = new Tables(folder, this.#room, snapshot);
    await own.begin();
    await this.#source.bring(snapshot, own, signal);
    const path = join(folder, completeFile);
    await writeFile(`${path}.new`, jsonBytes(await own.complete()));
    await rename(`${path}.new`, path);
  }
}

/** Whether it is this process that brings. Another one's lock counts while that lives. */
async function locked(folder: string): Promise<boolean> {
  const lock = lockOf(folder);
  const owner = await readFile(lock).catch(() => new Uint8Array());
  if (isOtherProcess(Number(shownText(owner)))) return false;
  await rm(lock, { force: true });
  return writeFile(lock, String(process.pid), { flag: 'wx' }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}

const lockOf = (folder: string): string => `${folder}.lock`;

/** @returns null where they aren't all there as they were written */
async function completeIn(folder: string): Promise<TableFiles | null> {
  const text = await readFile(join(folder, completeFile)).catch(() => null);
  const { data } = completeSchema.safeParse(text === null ? null : jsonOrNothing(text));
  if (data === undefined) return null;
  const tables = new Map<string, readonly string[]>();
  for (const [table, sizes] of Object.entries(data)) {
    for (const [file, size] of Object.entries(sizes)) {
      if ((await bytesOf(join(folder, table, file))) === size) continue;
      await rm(join(folder, table), { recursive: true, force: true });
      return null;
    }
    tables.set(
      table,
      Object.keys(sizes).map((file) => join(folder, table, file)),
    );
  }
  return tables;
}

/** The tables of a snapshot as they come: a folder gets its name when all of its files are there. */
class Tables implements TablesFolder {
  readonly #folder: string;
  readonly #room: Room;
  readonly #snapshot: SnapshotRef;

  constructor(folder: string, room: Room, snapshot: SnapshotRef) {
    this.#folder = folder;
    this.#room = room;
    this.#snapshot = snapshot;
  }

  /** Takes away what was begun and not finished. */
  async begin(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const [, pid] = /\.part-(\d+)$/.exec(name) ?? [];
      if (pid === undefined || isOtherProcess(Number(pid))) continue;
      await rm(join(this.#folder, name), { recursive: true, force: true });
    }
  }

  has(table: string): boolean {
    return existsSync(join(this.#folder, table));
  }

  async add(table: string, write: (folder: string, maxBytes: number) => Promise<void>): Promise<void> {
    if (!tableName.test(table)) throw this.#unusable(`it has a table called ${JSON.stringify(table)}`);
    if (this.has(table)) return;
    const part = join(this.#folder, `${table}.part-${process.pid}`);
    await rm(part, { recursive: true, force: true });
    await mkdir(part);
    const left = await this.#room.left();
    if (left <= 0) throw this.#unusable('there is no room for its tables');
    await write(part, left);
    if ((await bytesOf(part)) > left) throw this.#unusable('there is no room for its tables');
    await rename(part, join(this.#folder, table));
  }

  async complete(): Promise<Complete> {
    const complete: Record<string, Record<string, number>> = {};
    for (const table of (await readdir(this.#folder)).sort()) {
      if (!tableName.test(table)) continue;
      const sizes: Record<string, number> = {};
      for (const file of (await readdir(join(this.#folder, table))).sort())
        sizes[file] = await bytesOf(join(this.#folder, table, file));
      complete[table] = sizes;
    }
    return complete;
  }

  #unusable(why: string): LazuliError {
    const { name, id } = this.#snapshot;
    return new LazuliError('repository_unavailable', `Snapshot ${name} (${id}) can't be brought here: ${why}`, {
      remedy: 'Raise `scratchBytes` of the catalog, or leave the source out; ingest goes on by itself.',
    });
  }
}
