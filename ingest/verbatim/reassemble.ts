import { parseVerbatim } from '../../core/model/json.ts';
import type { Json } from '../../core/model/metadata.ts';
import { areIndices, isContainer, type Place, type PlacedDocument, placesOf } from './places.ts';

/**
 * Puts a bundle together again from its verbatim documents, numbers as in the source text. A document inside of another
 * one is put into it. What stands around documents is a list where they stand at all its indices, from 0 on; else an
 * object. Where that would be wrong, a document says what it is (see `wholeOf`).
 *
 * @throws SyntaxError for contents that are no JSON, and for what is no pointer
 */
export function reassemble(documents: Iterable<PlacedDocument>): Json {
  const bundle = assembled(placesOf(documents), undefined);
  return bundle === undefined ? {} : bundle;
}

type Container = Json[] | Record<string, Json>;

/** @param around what a document further out has at this place */
function assembled({ documents, inside }: Place, around: Json | undefined): Json | undefined {
  const last = documents.at(-1);
  const value = last === undefined ? around : parseVerbatim(last);
  if (inside.size === 0) return value;
  const container = (isContainer(value) ? value : areIndices(inside.keys(), inside.size) ? [] : {}) as Container;
  for (const [key, place] of inside) {
    const there = Object.hasOwn(container, key) ? (container as Record<string, Json>)[key] : undefined;
    put(container, key, assembled(place, there) ?? null);
  }
  return container;
}

/** Sets a member. Assigning to `__proto__` would make it the prototype. */
export function put(container: Container, key: string, value: Json): void {
  if (key !== '__proto__') (container as Record<string, Json>)[key] = value;
  else Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
}
