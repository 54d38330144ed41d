import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import type { SourceRef } from '../../config/sources.ts';
import type { Action } from '../../ingest/layout.ts';

/** A notification to be posted. */
export interface BundleAction {
  readonly action: Action;
  readonly uuid: string;
  readonly version: string;
  readonly source: Pick<SourceRef, 'id'>;
}

/** What tells an action from others, in one line; the source's id comes last. */
export const actionKey = ({ action, uuid, version, source }: BundleAction): string =>
  `${action} ${uuid}.${version} ${source.id}`;

/** The source's id of such a line. */
export const sourceOfKey = (key: string): string => key.slice(key.lastIndexOf(' ') + 1);

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
    for (const key of this.awaited()) if (sourceOfKey(key) === source) this.#dropped.append(key);
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

/** A set of lines in a file that only grows. */
class LineFile {
  readonly #file: string;
  #text = '';
  readonly #lines = new Set<string>();

  constructor(file: string) {
    this.#file = file;
  }

  read(): ReadonlySet<string> {
    const text = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : '';
    if (text.length !== this.#text.length) {
      for (const line of text.slice(this.#text.length).split('\n')) if (line !== '') this.#lines.add(line);
      this.#text = text;
    }
    return this.#lines;
  }

  append(line: string): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    this.read();
    // A line cut short by a SIGKILL matches nothing; what follows must not continue it.
    const start = this.#text === '' || this.#text.endsWith('\n') ? '' : '\n';
    appendFileSync(this.#file, `${start}${line}\n`);
    this.#text += `${start}${line}\n`;
    this.#lines.add(line);
  }
}
