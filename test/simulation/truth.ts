import { isDeepStrictEqual } from 'node:util';
import { collectionDifferences, documentDifferences, type Members } from '../rigs/difference.ts';
import { contentsOf, orchard } from '../rigs/models/orchard.ts';
import { reduce } from '../rigs/transform/reducer.ts';
import { type Happening, reducible } from '../rigs/transform/worlds.ts';
import type { Told } from './steps.ts';

/**
 * The set of notifications that count, and what follows from it by the plain reference reducer: whatever happened on the
 * way, the index has to say the same (architecture, invariant 4).
 */
export class Truth {
  #happenings: Happening[] = [];

  /** @param number as the endpoint has given it */
  add(happening: Happening): void {
    if (!this.#happenings.some((one) => isDeepStrictEqual(one, happening))) this.#happenings.push(happening);
  }

  /** Whatever was staged of a source counts no more. */
  forget(source: string): void {
    this.#happenings = this.#happenings.filter(({ fqid }) => fqid.source.id !== source);
  }

  has(source: string): boolean {
    return this.#happenings.some(({ fqid }) => fqid.source.id === source);
  }

  /** How documents, as indexed, differ from what they must be. */
  differences(indexed: ReadonlyMap<string, Members>): readonly string[] {
    const { additions, masks } = reducible(orchard, this.#happenings);
    const expected = reduce(orchard, additions, masks);
    const natural = new Map([...indexed].map(([key, document]) => [key, naturalOf(document)]));
    return collectionDifferences(natural, expected, documentDifferences);
  }
}

/** What is told of a bundle of a world, all of whose names begin alike. */
export function happeningOf({ action, ...subject }: Told, number: number, world: string): Happening {
  const source = sourceOf(subject.source, world);
  const fqid = { source, uuid: `${world}bundle ${subject.bundle}`, version: String(subject.version) };
  return { action, number, fqid, contents: contentsOf(subject, world), attributes: {}, batch: 0 };
}

export const sourceOf = (source: number, world: string) => ({ id: `${world}source ${source}`, spec: 'simulated' });

/** Without the hash, which no other implementation has; lists of paths in the order of the reducer's. */
function naturalOf({ _hash, ...document }: Members): Members {
  const sorted = Object.entries(document).map(([name, value]) => [
    name,
    name.startsWith('_') && Array.isArray(value) ? [...value].sort() : value,
  ]);
  return Object.fromEntries(sorted);
}
