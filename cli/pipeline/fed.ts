import { appendFileSync, closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../core/config/folder.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { SourceRef } from '../../core/config/sources.ts';
import { jsonOrNothing, shownText } from '../../core/config/text.ts';
import { type Action, actions } from '../../core/staged/layout.ts';
import { replaceFile } from '../replace-file.ts';

/** A notification to be posted. */
export interface BundleAction {
  readonly action: Action;
  readonly uuid: string;
  readonly version: string;
  readonly source: Pick<SourceRef, 'id'>;
}

/** What tells an action from others, as a line of JSON: whatever an id holds, no two are mixed up. */
export const actionKey = ({ action, uuid, version, source }: BundleAction): string =>
  JSON.stringify([action, uuid, version, source.id]);

const keySchema = z.tuple([z.enum(actions), z.string(), z.string(), z.string()]);

/**
 * The action that such a line is. Half a line isn't one, nor is one of a version that wrote others: what it was about is fed
 * once more.
 *
 * @returns null where it is none
 */
export function actionOf(line: string): BundleAction | null {
  const { data } = keySchema.safeParse(jsonOrNothing(line));
  if (data === undefined) return null;
  const [action, uuid, version, id] = data;
  return { action, uuid, version, source: { id } };
}

/**
 * Remembers, a line each, what `lazuli up` has fed: acknowledged by the indexer's endpoint. A later
 * start feeds the rest only, and everyone can tell when all of it has arrived. A line that was lost
 * with its process costs a repetition, which changes nothing.
 */
export class Fed {
  readonly #lines: LineFile;
  readonly #dropped: LineFile;

  /** Of a local stack: in the folder `fed` beside its dead letters. */
  constructor({ folders }: Settings, catalog: string) {
    const folder = join(dirname(folders.deadLetters), 'fed');
    this.#lines = new LineFile(join(folder, `${catalog}.txt`));
    this.#dropped = new LineFile(join(folder, `${catalog}.dropped.txt`));
  }

  has(action: BundleAction): boolean {
    return this.#lines.read().has(actionKey(action));
  }

  add(action: BundleAction): void {
    this.#lines.append(actionKey(action));
  }

  /** A person has given this one up: nobody waits for it any more. */
  drop(action: BundleAction): void {
    if (this.has(action)) this.#dropped.append(actionKey(action));
  }

  /** Nobody waits for anything of a source any more. */
  dropSource(source: string): void {
    const fed = this.all();
    for (const key of this.awaited()) if (fed.get(key) === source) this.#dropped.append(key);
  }

  /** Nobody waits for anything any more. */
  dropAll(): void {
    for (const key of this.awaited()) this.#dropped.append(key);
  }

  /** What is about these keys is fed once more. */
  forget(keys: Iterable<string>): void {
    this.#lines.remove(new Set(keys));
  }

  /** Everything fed: the keys of actions, with the ids of their sources. */
  all(): ReadonlyMap<string, string> {
    return this.#lines.read();
  }

  /** Everything fed that nobody has given up. */
  awaited(): readonly string[] {
    const dropped = this.#dropped.read();
    return [...this.all().keys()].filter((key) => !dropped.has(key));
  }
}

/** Keys of actions, a line each, in a file that grows. A last line without an end may be torn: it doesn't count. */
class LineFile {
  readonly #file: string;
  /** with the ids of their sources */
  readonly #lines = new Map<string, string>();
  /** bytes, up to the end of the last line that was read */
  #read = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Each line is parsed once: this is called again and again. */
  read(): ReadonlyMap<string, string> {
    const rest = this.#rest();
    const end = rest.lastIndexOf('\n') + 1;
    for (const line of shownText(rest.subarray(0, end)).split('\n')) {
      const action = actionOf(line);
      if (action !== null) this.#lines.set(line, action.source.id);
    }
    this.#read += end;
    return this.#lines;
  }

  append(line: string): void {
    makeFolder(dirname(this.#file));
    this.read();
    // What follows a torn line must not continue it.
    const start = this.#rest().length === 0 ? '' : '\n';
    appendFileSync(this.#file, `${start}${line}\n`);
  }

  remove(keys: ReadonlySet<string>): void {
    const kept = [...this.read().keys()].filter((key) => !keys.has(key));
    replaceFile(this.#file, kept.map((key) => `${key}\n`).join(''));
    this.#lines.clear();
    this.#read = 0;
  }

  /** What was not read yet. */
  #rest(): Buffer {
    if (!existsSync(this.#file)) return Buffer.alloc(0);
    const file = openSync(this.#file, 'r');
    try {
      const rest = Buffer.alloc(Math.max(0, fstatSync(file).size - this.#read));
      return rest.subarray(0, rest.length === 0 ? 0 : readSync(file, rest, 0, rest.length, this.#read));
    } finally {
      closeSync(file);
    }
  }
}
