import { LazuliError } from '../config/errors.ts';
import type { Clock, FaultPoint } from '../streams/ports.ts';
import type { Commits } from './commits.ts';
import type { Emission, Target } from './emission.ts';
import { indexLayoutVersion } from './index-layout.ts';
import { Rebuild } from './rebuild.ts';
import {
  createGeneration,
  dropGeneration,
  type GenerationsOf,
  listGenerations,
  refreshGeneration,
  swapGenerations,
} from './sink/generations.ts';
import type { Store } from './store/store.ts';
import type { Writing } from './writing.ts';

/** How far a rebuild is. */
export interface RebuildProgress {
  readonly generation: number;
  readonly done: number;
  readonly expected: number;
  /** milliseconds since the epoch */
  readonly started: number;
}

export interface GenerationBuildParts {
  readonly of: GenerationsOf;
  readonly store: Store;
  readonly emission: Emission;
  /** Throws `superseded` where another worker has taken the catalog over. */
  readonly owned: () => Promise<void>;
  readonly writing: Writing;
  readonly commits: Commits;
  readonly target: (generation: number, commit: number) => Target;
  readonly clock: Clock;
  readonly fault: FaultPoint;
  readonly onProgress: (progress: RebuildProgress | null) => void;
}

/** Buckets in flight or waiting: bounds memory. */
const maxBuiltAhead = 2;

/**
 * Builds a fresh generation of everything that the store holds and lets it serve in place of the one
 * that does, which requests in flight may still read: it is dropped later. The caller keeps the store
 * still meanwhile.
 *
 * @returns number of the generation, and the commit up to which it is current
 */
export async function buildGeneration(parts: GenerationBuildParts): Promise<{ generation: number; commit: number }> {
  const { of, store, commits, fault } = parts;
  await parts.owned();
  const generations = await listGenerations(of);
  const serving = generations.find(({ serves }) => serves) ?? null;
  const generation = Math.max(0, ...generations.map(({ number }) => number)) + 1;
  const created = Promise.all([dropUnused(of, generation), createGeneration(of, generation)]);
  created.catch(() => undefined); // it is awaited before anything is written
  const commit = await store.transaction(() => commits.next());
  await writeAll(parts, generation, commit, created);
  await refreshGeneration(of, generation);
  fault('transform.rebuilt');
  await parts.owned();
  await swapGenerations(of, serving, generation);
  fault('transform.swapped');
  await store.transaction(async () => {
    await store.setMeta('generation', String(generation));
    await store.setMeta('index_layout', String(indexLayoutVersion));
    await store.run(`DELETE FROM outbox WHERE commit <= ${commit}`);
  });
  parts.onProgress(null);
  return { generation, commit };
}

/** Drops generations before one that don't serve. */
export async function dropUnused(of: GenerationsOf, before: number): Promise<void> {
  const unused = (await listGenerations(of)).filter(({ number, serves }) => !serves && number < before);
  for (const generation of unused) await dropGeneration(of, generation);
}

/** A generation that somebody deletes while it is built is of no use any more: the build starts over. */
export function indexGone(): never {
  throw new LazuliError('index_unavailable', 'An index was deleted while it was built', {
    remedy: 'The build starts over by itself.',
  });
}

/** While buckets are written, the next ones are computed; the first one while indices are created. */
async function writeAll(
  parts: GenerationBuildParts,
  generation: number,
  commit: number,
  created: Promise<unknown>,
): Promise<void> {
  const rebuild = new Rebuild(parts.store, parts.emission);
  const expected = await rebuild.plan();
  const started = parts.clock.now();
  const target = parts.target(generation, commit);
  let done = 0;
  parts.onProgress({ generation, done, expected, started });
  const inFlight: Promise<void>[] = [];
  for await (const { documents, bodies, large } of rebuild.build(target)) {
    parts.fault('transform.bucket-built');
    if (inFlight.length >= maxBuiltAhead) await inFlight.shift();
    await created;
    const written = parts.writing.write(target, bodies, large).then(() => {
      done += documents;
      parts.onProgress({ generation, done, expected, started });
    });
    written.catch(() => undefined); // it is awaited above or below, perhaps after others
    inFlight.push(written);
  }
  await Promise.all([created, ...inFlight]);
}
