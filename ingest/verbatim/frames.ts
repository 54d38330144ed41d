import { isDeepStrictEqual } from 'node:util';
import { parseVerbatim } from '../../core/model/json.ts';
import type { Json } from '../../core/model/metadata.ts';
import { verbatimText } from '../../core/model/normalized.ts';
import {
  areIndices,
  isContainer,
  isIndex,
  type Place,
  type PlacedDocument,
  placesOf,
  pointerInside,
} from './places.ts';
import { put } from './reassemble.ts';

/** Verbatim documents from which a bundle can't be reassembled. */
export class NotWhole extends Error {
  override readonly name = 'NotWhole';
}

/** What a bundle that is put together again is, compared with what it was. */
export interface Whole {
  /** what must be staged in addition: empty objects and lists, and objects that would be taken for lists */
  readonly frames: readonly PlacedDocument[];
  /** where a document isn't what stands in the bundle: how the bundle will be; else null */
  readonly changed: { readonly pointer: string; readonly bundle: Json } | null;
}

/**
 * Checks that a bundle can be put together again from its verbatim documents: that each stands for something, and that
 * nothing is left out.
 *
 * @throws NotWhole
 */
export function wholeOf(bundle: Json, documents: Iterable<PlacedDocument>): Whole {
  const root = rootOf(documents);
  const frames: PlacedDocument[] = [];
  let changed: string | null = null;
  look(bundle, root, null, false);
  return { frames, changed: changed === null ? null : { pointer: changed, bundle: substituted(bundle, root) } };

  /** @param held whether a document further out has what stands here */
  function look(value: Json, place: Place | undefined, path: Path, held: boolean): void {
    const own = place?.documents ?? [];
    for (const contents of own) if (!isSame(value, contents)) changed ??= pointerOf(path);
    const isHeld = held || own.length > 0;
    const inside = place?.inside ?? nothing;
    if (isHeld && inside.size === 0) return;
    for (const key of inside.keys())
      if (memberOf(value, key) === undefined)
        throw new NotWhole(`the bundle has nothing at '${pointerOf({ outer: path, key })}'`);
    if (!isHeld) addFrame(value, path);
    for (const key of isHeld ? inside.keys() : Object.keys(value as object))
      look(memberOf(value, key) as Json, inside.get(key), { outer: path, key }, isHeld);
  }

  function addFrame(value: Json, path: Path): void {
    if (!isContainer(value)) throw new NotWhole(`no document holds what it has at '${pointerOf(path)}'`);
    const [keys, isList] = [Object.keys(value), Array.isArray(value)];
    if (keys.length === 0 || (!isList && areIndices(keys, keys.length)))
      frames.push({ pointer: pointerOf(path), contents: isList ? '[]' : '{}' });
  }
}

const nothing: ReadonlyMap<string, Place> = new Map();

/** Where something stands in a bundle; null: the bundle itself. Hardly any place is ever printed. */
type Path = { readonly outer: Path; readonly key: string } | null;

const pointerOf = (path: Path): string => (path === null ? '' : pointerInside(pointerOf(path.outer), path.key));

function rootOf(documents: Iterable<PlacedDocument>): Place {
  try {
    return placesOf(documents);
  } catch (cause) {
    throw new NotWhole((cause as Error).message);
  }
}

function memberOf(value: Json, key: string): Json | undefined {
  if (!isContainer(value) || (Array.isArray(value) && !isIndex(key)) || !Object.hasOwn(value, key)) return undefined;
  return (value as { readonly [key: string]: Json })[key];
}

/** Nearly always it is the very text; the order of members may be another one. */
function isSame(value: Json, contents: string): boolean {
  const text = verbatimText(value);
  return text === contents || isDeepStrictEqual(parseVerbatim(contents), parseVerbatim(text));
}

/** A bundle with its documents in their places, and its members in their order. */
function substituted(value: Json, { documents, inside }: Place): Json {
  const last = documents.at(-1);
  const own = last === undefined || last === verbatimText(value) ? value : parseVerbatim(last);
  if (inside.size === 0 || !isContainer(own)) return own;
  const container = (Array.isArray(own) ? [...own] : {}) as Json[] | Record<string, Json>;
  for (const [key, member] of Object.entries(own)) {
    const place = inside.get(key);
    put(container, key, place === undefined ? member : substituted(member, place));
  }
  return container;
}
