import { appendFileSync, closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../config/folder.ts';
import type { Settings } from '../../config/settings.ts';
import type { SourceRef } from '../../config/sources.ts';
import { shownText } from '../../config/text.ts';
import type { Action } from '../../ingest/layout.ts';

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

const keySchema = z.tuple([z.string(), z.string(), z.string(), z.string()]);

/** The bundle and the source of such a line. @throws Error where it is none */
export function partsOfKey(key: string): { readonly uuid: string; readonly version: string; readonly source: string } {
  const [, uuid, version, source] = keySchema.parse(JSON.parse(key));
  return { uuid, version, source };
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
    this.#lines = new LineFile(join(folder, `${catalog}.txt`), isKey);
    this.#dropped = new LineFile(join(folder, `${catalog}.dropped.txt`), isKey);
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
    for (const key of this.awaited()) if (partsOfKey(key).source === source) this.#dropped.append(key);
  }

  /** Nobody waits for anything any more. */
  dropAll(): void {
    for (const key of this.awaited()) this.#dropped.append(key);
  }

  /** Everything fed. */
  all(): ReadonlySet<string> {
    return this.#lines.read();
  }

  /** Everything fed that nobody has given up. */
  awaited(): readonly string[] {
    const dropped = this.#dropped.read();
    return [...this.#lines.read()].filter((key) => !dropped.has(key));
  }
}

/** Half a line isn't one, nor is one of a version that wrote others: what it was about is fed once more. */
function isKey(line: string): boolean {
  try {
    return keySchema.safeParse(JSON.parse(line)).success;
  } catch {
    return false;
  }
}

/** A set of lines in a file that only grows. A last line without an end may be torn: it doesn't count. */
class LineFile {
  readonly #file: string;
  readonly #isWhole: (line: string) => boolean;
  readonly #lines = new Set<string>();
  /** bytes, up to the end of the last line that was read */
  #read = 0;

  constructor(file: string, isWhole: (line: string) => boolean) {
    this.#file = file;
    this.#isWhole = isWhole;
  }

  read(): ReadonlySet<string> {
    const rest = this.#rest();
    const end = rest.lastIndexOf('\n') + 1;
    for (const line of shownText(rest.subarray(0, end)).split('\n')) if (this.#isWhole(line)) this.#lines.add(line);
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
