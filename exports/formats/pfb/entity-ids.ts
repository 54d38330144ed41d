import { hash } from 'node:crypto';

/** Namespace of ids (specification, manifests 7.3). */
const namespace = Buffer.from('bc93372b92184f0eb64e6f3b339687d6', 'hex');
/** Ids that are remembered, because neighbours have the same. */
const remembered = 2_000;

/** Makes ids of PFB entities: each stands for a set of inner entities. */
export class EntityIds {
  readonly #known = new Map<string, string>();

  /** @param ids of the inner entities, in any order */
  of(table: string, ids: readonly string[]): string {
    const joined = ids.length === 1 ? String(ids[0]) : ids.toSorted().join('_');
    const key = `${table} ${joined}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= remembered) this.#known.clear();
    const id = `${table}.${uuid5(joined)}.${ids.length}`;
    this.#known.set(key, id);
    return id;
  }
}

/** RFC 9562, 5.5 */
function uuid5(name: string): string {
  const digest = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]), 'hex');
  const part = (from: number, end: number): string => digest.slice(from, end);
  const variant = ((Number.parseInt(part(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${part(0, 8)}-${part(8, 12)}-5${part(13, 16)}-${variant}${part(17, 20)}-${part(20, 32)}`;
}
