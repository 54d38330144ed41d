import { hash } from 'node:crypto';
import type { ObjectStore } from '../core/runtime/ports.ts';
import type { Action } from '../core/staged/layout.ts';

/** A version of a bundle in a catalog. */
export interface BundleVersion {
  readonly catalog: string;
  readonly source: string;
  readonly uuid: string;
  readonly version: string;
}

/** so that keys sort as the numbers do: the largest number of a notification has as many */
const digits = 10;

/**
 * Numbers of deletions and undeletions, which notifications call `restore` (architecture, invariant 4): undeletion n
 * cancels deletions up to n, and a deletion that comes after it has a larger number. A number is given once, when a
 * notification is taken, so repetitions of the notification keep it. Undeletions are remembered beside the staged
 * batches, as objects `<catalog>/restores/<hash of source and version>/<n>`.
 */
export class Undeletions {
  readonly #objects: ObjectStore;

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  /** The number that a notification is to have. That of an undeletion is taken from now on. */
  async number(action: Action, bundle: BundleVersion): Promise<number> {
    if (action === 'add') return 0;
    const number = 1 + (await this.#highest(bundle));
    if (action === 'restore') await this.#take(bundle, number);
    return number;
  }

  async #highest(bundle: BundleVersion): Promise<number> {
    let last = 0;
    for await (const key of this.#objects.list(folderOf(bundle))) last = Number(key.slice(-digits));
    return last;
  }

  /** Of two at a time both take the same number: they cancel the same deletions. */
  async #take(bundle: BundleVersion, number: number): Promise<void> {
    const key = `${folderOf(bundle)}${String(number).padStart(digits, '0')}`;
    await this.#objects.putIfAbsent(key, Buffer.from(JSON.stringify(bundle), 'utf8'));
  }
}

function folderOf({ catalog, source, uuid, version }: BundleVersion): string {
  return `${catalog}/restores/${hash('sha256', JSON.stringify([source, uuid, version]), 'hex')}/`;
}
