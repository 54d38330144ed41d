import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionKey, type BundleAction } from './bundle-folder.ts';

/**
 * Remembers, a line each, what the indexer's endpoint has acknowledged, so that a later start feeds
 * the rest only. A line that was lost with its process costs a repetition, which changes nothing.
 */
export class Fed {
  readonly #file: string;
  readonly #lines: Set<string>;

  constructor(folder: string, catalog: string) {
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, `${catalog}.txt`);
    const text = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : '';
    // A line cut short by a SIGKILL matches nothing; what follows it must not continue it.
    if (text !== '' && !text.endsWith('\n')) appendFileSync(this.#file, '\n');
    this.#lines = new Set(text.split('\n').filter((line) => line !== ''));
  }

  has(action: BundleAction): boolean {
    return this.#lines.has(actionKey(action));
  }

  add(action: BundleAction): void {
    appendFileSync(this.#file, `${actionKey(action)}\n`);
    this.#lines.add(actionKey(action));
  }
}
