import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type DocumentSnapshot, Snapshots } from '../../core/exports/snapshots.ts';
import type { Site } from './site.ts';
import { catalog } from './workers.ts';

/** Who makes exports: each claims the newest snapshot, reads it for long, and finds it as it was. */
export class Readers {
  readonly #site: Site;
  readonly #snapshots: Snapshots;
  readonly #reading: { readonly by: string; readonly snapshot: DocumentSnapshot }[] = [];
  #begun = 0;
  #mayBeGone = false;

  constructor(site: Site) {
    this.#site = site;
    this.#snapshots = new Snapshots(site.around.objects.plain, catalog);
  }

  /** Begins to read what is published, if anything is. */
  async begin(): Promise<void> {
    const newest = await this.#snapshots.newest();
    if (newest === null) return;
    const by = `reader-${++this.#begun}`;
    await this.#snapshots.claim(newest.number, by, this.#site.around.time.now());
    const snapshot = await this.#snapshots.get(newest.number);
    if (snapshot === null) await this.#snapshots.release(newest.number, by);
    else this.#reading.push({ by, snapshot });
  }

  /**
   * A source is removed: nothing of it may be read any more, so snapshots go, whoever reads them. They may go again at any time:
   * a worker that goes on with an older store doesn't know that they went.
   */
  allowGone(): void {
    this.#mayBeGone = true;
  }

  /** @throws Error where a snapshot that is being read has changed, or a file of it is gone */
  async end(): Promise<void> {
    for (const { by, snapshot } of this.#reading.splice(0)) {
      const { number } = snapshot;
      await this.#snapshots.release(number, by);
      const now = await this.#snapshots.get(number);
      if (now === null && this.#mayBeGone) continue;
      if (!isDeepStrictEqual(now, snapshot))
        throw new Error(`Snapshot ${number} is ${now === null ? 'gone' : 'another one'} while it is read`);
      for (const { base, deltas } of Object.values(snapshot.types))
        for (const { key, sha256 } of [...base, ...deltas]) await this.#expectFile(number, key, sha256);
    }
  }

  async #expectFile(number: number, key: string, sha256: string | undefined): Promise<void> {
    const bytes = await this.#site.around.objects.plain.get(key);
    if (bytes === null || hash('sha256', bytes, 'hex') !== sha256)
      throw new Error(`${key}, of snapshot ${number}, is ${bytes === null ? 'gone' : 'another one'} while it is read`);
  }
}
