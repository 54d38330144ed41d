import { createHash } from 'node:crypto';
import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import { parsedJson } from '../../core/config/text.ts';
import { newBatchId } from '../../core/staged/layout.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Loading } from '../loading/loading.ts';
import type { StagedBatch } from '../store/load.ts';
import type { Part } from '../store/part.ts';
import { Merge } from './merge.ts';
import { mostBytes } from './plan.ts';

/**
 * Bytes of batches that are merged into one because they have something of one source: they are likely to have
 * others in common, too, and one file of a table is made faster than four.
 */
const mostTogether = 4 * mostBytes;

/**
 * A source of which nothing is to stay that some batches have. They are named: clocks of the machines that stage them and of
 * this one may differ. Absent, as it was written once: whatever is staged.
 */
const removalSchema = z.object({ source: z.string(), batches: z.array(z.string()).optional() });
type Removal = z.output<typeof removalSchema>;

/** What of loading it needs. */
type RemovingFrom = Pick<Loading, 'staged' | 'batchesOf' | 'loadAll'>;

/**
 * Removal of sources from what is staged and stored. What is wanted is an object `<catalog>/removals/<hash>.json`
 * until it is done, so that a crash only delays it. Batches that have something of the source are merged without it,
 * others stay untouched; then the store forgets the source, and the documents that it had a part in are written again.
 */
export class Removals {
  readonly #context: CatalogContext;
  readonly #loading: RemovingFrom;
  readonly #most: number;

  /** @param most bytes of batches that are merged into one */
  constructor(context: CatalogContext, loading: RemovingFrom, most = mostTogether) {
    this.#context = context;
    this.#loading = loading;
    this.#most = most;
  }

  /** Has everything of a source removed that is staged by now; resolves when that is certain to happen. */
  async want(source: string): Promise<void> {
    const { objects } = this.#context;
    const { live } = await this.#loading.staged.standings();
    const removal: Removal = { source, batches: [...live] };
    await objects.put(this.#key(source), Buffer.from(`${JSON.stringify(removal)}\n`, 'utf8'));
  }

  /** Does all that is wanted. @returns whether there was anything. @throws LazuliError `staging_unavailable` for an object that doesn't say what */
  async doAll(): Promise<boolean> {
    const { objects } = this.#context;
    const keys: string[] = [];
    for await (const key of objects.list(this.#folder)) keys.push(key);
    for (const key of keys) {
      const bytes = await objects.get(key);
      if (bytes !== null) await this.#remove(parsed(key, bytes));
      await objects.delete(key);
    }
    return keys.length > 0;
  }

  async #remove({ source, batches: named }: Removal): Promise<void> {
    const isMeant = named === undefined ? () => true : await this.#meant(named);
    const part = { sources: [source], prefix: '' };
    const batches = (await this.#loading.batchesOf(part)).filter(({ batch }) => isMeant(batch));
    const merged: string[] = [];
    for (const inputs of together(batches, this.#most)) {
      merged.push(await this.#merge(inputs, part));
      this.#context.fault('transform.source-dropped');
    }
    // All at once: for each time that something is loaded, the store forgets the source and looks for what is left of it.
    await this.#loading.loadAll(merged);
  }

  /** Batches that were there, and those that anything of them was merged into since. */
  async #meant(named: readonly string[]): Promise<(batch: string) => boolean> {
    const { replacedBy } = await this.#loading.staged.standings();
    const meant = new Set(named);
    for (const batch of meant) {
      const by = replacedBy.get(batch);
      if (by !== undefined) meant.add(by);
    }
    return (batch) => meant.has(batch);
  }

  async #merge(inputs: readonly StagedBatch[], drops: Part): Promise<string> {
    const now = this.#context.clock.now();
    const batch = newBatchId(now, { replacing: true });
    const job = { batch, created: new Date(now).toISOString(), inputs, drops, replaces: true };
    const merge = new Merge(this.#context, job);
    while (!(await merge.step()));
    return batch;
  }

  get #folder(): string {
    return `${this.#context.catalog}/removals/`;
  }

  #key(source: string): string {
    return `${this.#folder}${createHash('sha256').update(source).digest('hex')}.json`;
  }
}

function parsed(key: string, bytes: Uint8Array): Removal {
  try {
    return removalSchema.parse(parsedJson(bytes));
  } catch (cause) {
    throw new LazuliError('staging_unavailable', `It can't be said which source is to be removed: ${key}.`, {
      remedy: 'Delete that object, and remove the source once more.',
      cause,
    });
  }
}

/** Neighbours, as many as may be written as one. */
export function together(batches: readonly StagedBatch[], most = mostBytes): readonly (readonly StagedBatch[])[] {
  const groups: StagedBatch[][] = [];
  let room = 0;
  for (const batch of batches) {
    if (batch.bytes > room || groups.length === 0) {
      groups.push([]);
      room = most;
    }
    groups.at(-1)?.push(batch);
    room -= batch.bytes;
  }
  return groups;
}
