import fc from 'fast-check';
import type { Json } from '../../../core/model/metadata.ts';
import { anyTextOrHalf } from '../../rigs/texts.ts';

type Node = Record<string | number, Json>;

/** One change: which member of the bundle, counted through, and what becomes of it. */
export interface Mutation {
  readonly at: number;
  readonly kind: 'drop' | 'retype' | 'duplicate' | 'rename' | 'relink';
  readonly value: Json;
  readonly other: number;
}

/** Any change; values are of other types, empty, malformed or huge. */
export const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('drop', 'retype', 'duplicate', 'rename', 'relink'),
  value: fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    anyTextOrHalf(),
    fc.constantFrom('', '||', '\ud800', '1-2-3', -1, 1e308),
  ) as fc.Arbitrary<Json>,
  other: fc.nat(),
});

interface Place {
  readonly parent: Node;
  readonly key: string | number;
}

/** Every member of every object and list, outermost first. */
function places(root: Json): Place[] {
  const found: Place[] = [];
  const waiting: Json[] = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    for (const key of Object.keys(next)) {
      found.push({ parent: next as Node, key });
      waiting.push((next as Node)[key] as Json);
    }
  }
  return found;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;

/** Changes a bundle in place. */
export function mutate(contents: Json, { at, kind, value, other }: Mutation): void {
  const all = places(contents);
  const ids = all.filter(({ parent, key }) => typeof parent[key] === 'string' && uuid.test(parent[key]));
  const { parent, key } = (kind === 'relink' ? ids : all)[at % (kind === 'relink' ? ids : all).length] as Place;
  const elsewhere = ids[other % ids.length] as Place;
  const old = parent[key] as Json;
  if (kind === 'retype') parent[key] = value;
  else if (kind === 'relink') parent[key] = elsewhere.parent[elsewhere.key] as Json;
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
