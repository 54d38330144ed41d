import { nameOfPart, pointerPart } from '../../core/config/json-pointer.ts';
import { numberOf } from '../../core/model/json.ts';
import type { Json } from '../../core/model/metadata.ts';

/** A verbatim document and where in its bundle it stands: an RFC 6901 pointer. */
export interface PlacedDocument {
  readonly pointer: string;
  /** JSON */
  readonly contents: string;
}

/** A place in a bundle: what documents stand there, and the places inside of it. */
export interface Place {
  readonly documents: string[];
  readonly inside: Map<string, Place>;
}

/** The places of documents, from that of the whole bundle on. @throws SyntaxError for what is no pointer */
export function placesOf(documents: Iterable<PlacedDocument>): Place {
  const root = emptyPlace();
  for (const { pointer, contents } of documents) {
    let place = root;
    for (const key of keysOf(pointer)) {
      let next = place.inside.get(key);
      if (next === undefined) {
        next = emptyPlace();
        place.inside.set(key, next);
      }
      place = next;
    }
    place.documents.push(contents);
  }
  return root;
}

const emptyPlace = (): Place => ({ documents: [], inside: new Map() });

/** The names and indices of which a pointer consists. @throws SyntaxError */
function keysOf(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) {
    throw new SyntaxError(`'${pointer}' is no JSON pointer (RFC 6901)`);
  }
  return pointer
    .slice(1)
    .split('/')
    .map((part) => (part.includes('~') ? nameOfPart(part) : part));
}

/** The pointer to a member or an element of what another one points to. */
export const pointerInside = (pointer: string, key: string): string => `${pointer}/${pointerPart(key)}`;

/** Whether something is an object or a list, and so has places inside. A number that was kept as text is neither. */
export const isContainer = (value: Json | undefined): value is readonly Json[] | { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && numberOf(value) === undefined;

/** Whether names are all indices of a list: `0`, `1` and so on, in any order. */
export function areIndices(keys: Iterable<string>, count: number): boolean {
  for (const key of keys) if (!isIndex(key) || Number(key) >= count) return false;
  return count > 0;
}

/** As RFC 6901 writes it: no zeros before it. */
export const isIndex = (key: string): boolean => /^(?:0|[1-9]\d*)$/.test(key);
