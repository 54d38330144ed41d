import type { Documents } from '../computing/documents.ts';
import type { Generations } from '../generations/generations.ts';
import type { EntityKey, KeyRange } from '../store/schema.ts';
import type { GenerationWriter } from './generation-writer.ts';

/** How documents are computed. */
export interface Computation {
  /** of the transaction, which gives them their version (architecture, invariant 9) */
  readonly commit: number;
  /** whether some are of so many bundles that they have rollups */
  readonly areHot?: boolean;
  /** keys of all stored bundles that mention them, where that is known */
  readonly bundles?: KeyRange;
}

/**
 * Computes the documents that the temporary table `wanted` names, and notes that some generations must hold them. All
 * documents that are ever written are computed here: those that loads touched, and those of a build. What they hold as it
 * is isn't written again.
 *
 * @returns what writes them, into each generation; it resolves when they are there, or with the dead letters, with those
 *   that OpenSearch has refused
 */
export async function computeFor(
  writers: readonly GenerationWriter[],
  documents: Documents,
  generations: Pick<Generations, 'noteComputed'>,
  { commit, areHot = false, bundles }: Computation,
): Promise<() => Promise<readonly EntityKey[]>> {
  await (areHot ? documents.computeRolled() : documents.compute(bundles));
  await generations.noteComputed(
    writers.map(({ generation }) => generation),
    commit,
  );
  const large = await documents.tooLarge();
  const writes: (() => Promise<readonly EntityKey[]>)[] = [];
  for (const writer of writers) {
    const target = writer.target(commit);
    const bodies = await documents.bodies(target);
    writes.push(() => writer.write(target, bodies, large));
  }
  return async () => (await Promise.all(writes.map((write) => write()))).flat();
}
