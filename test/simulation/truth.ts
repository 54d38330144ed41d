import { isDeepStrictEqual } from 'node:util';
import { indexedForm } from '../../transform/reference/indexed.ts';
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
    const expected = [...reduce(orchard, additions, masks)].map(([key, document]) => {
      const [type = ''] = key.split('/');
      return [key, comparable(indexedForm(orchard, type, document))] as const;
    });
    const found = [...indexed].map(([key, document]) => [key, comparable(document)] as const);
    return collectionDifferences(new Map(found), new Map(expected), documentDifferences);
  }
}

/** What is told of a bundle of a world, all of whose names begin alike. */
export function happeningOf({ action, spec, ...subject }: Told, number: number, world: string): Happening {
  const source = sourceOf(subject.source, world, spec);
  const fqid = { source, uuid: `${world}bundle ${subject.bundle}`, version: String(subject.version) };
  return { action, number, fqid, contents: contentsOf(subject, world), attributes: {}, batch: 0 };
}

/** Called in a way that escapes, quotes and lines have to bear. */
export const sourceOf = (source: number, world: string, spec = 0) => ({
  id: `${world}so"ur\\ce'\u2028\n ${source}`,
  spec: `simulated: %2F"\\\u0007${"'".repeat(spec)}`,
});

/** Without the hash, which no other implementation has; lists of paths in one order. */
function comparable({ _hash, ...document }: Members): Members {
  const sorted = Object.entries(document).map(([name, value]) => [
    name,
    name.startsWith('_') && Array.isArray(value) ? [...value].sort() : value,
  ]);
  return Object.fromEntries(sorted);
}
