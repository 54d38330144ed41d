import { numberOf } from '../../core/model/json.ts';
import type { Json } from '../../core/model/metadata.ts';

type Node = Record<string | number, Json>;

/** One change: which member of the bundle, counted through, and what becomes of it. */
export interface Mutation {
  readonly at: number;
  readonly kind: 'drop' | 'retype' | 'duplicate' | 'rename' | 'relink';
  readonly value: Json;
  readonly other: number;
}

interface Place {
  readonly parent: Node;
  readonly key: string | number;
}

/** Every member of every object and list, outermost first. */
function places(root: Json): Place[] {
  const found: Place[] = [];
  const waiting: Json[] = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null || numberOf(next) !== undefined) continue;
    for (const key of Object.keys(next)) {
      found.push({ parent: next as Node, key });
      waiting.push((next as Node)[key] as Json);
    }
  }
  return found;
}

/** Where UUIDs stand; where there are none, any text may be an id. */
function idsIn(all: readonly Place[]): readonly Place[] {
  const texts = all.filter((place) => typeof valueAt(place) === 'string');
  const ids = texts.filter((place) => uuid.test(String(valueAt(place))));
  return ids.length > 0 ? ids : texts;
}

const valueAt = ({ parent, key }: Place): Json => parent[key] as Json;

const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;

/** Changes a bundle in place; one that has nothing to be changed stays. */
export function mutate(contents: Json, { at, kind, value, other }: Mutation): void {
  const all = places(contents);
  const ids = idsIn(all);
  const candidates = kind === 'relink' ? ids : all;
  const changed = candidates[at % candidates.length];
  if (changed === undefined) return;
  const { parent, key } = changed;
  const old = parent[key] as Json;
  if (kind === 'retype') parent[key] = value;
  else if (kind === 'relink') parent[key] = valueAt(ids[other % ids.length] as Place);
  else if (kind === 'duplicate') add(parent, `${key}${other}`, old);
  else {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
    if (kind === 'rename') add(parent, `x${key}`, old);
  }
}

function add(parent: Node, key: string, value: Json): void {
  if (Array.isArray(parent)) parent.push(value);
  else parent[key] = value;
}
