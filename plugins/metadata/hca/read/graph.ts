import type { Json } from '../../../../core/model/metadata.ts';
import { invalid } from '../members.ts';
import type { Entity } from './entities.ts';
import { nameOf } from './entities.ts';
import { type LinkEnd, readLinks } from './links.ts';
import type { Core } from './schemas.ts';

const none: readonly number[] = [];

/** The two ways to go from an entity. */
export type Direction = 'children' | 'parents';

/**
 * The entities of a bundle and how they are made from each other. Entities are numbered by their
 * place in `entities`; the graph has no cycles.
 */
export class Graph {
  readonly entities: readonly Entity[];
  readonly #children: (number[] | undefined)[];
  readonly #parents: (number[] | undefined)[];
  /** every entity after its parents */
  readonly order: Int32Array;

  /**
   * @param numbers of the entities by document id
   * @param links as in the bundle
   * @param linksName how errors name them
   * @throws LazuliError `bundle_invalid` where links are malformed, dangle, join what can't be
   *   joined, or close a cycle
   */
  constructor(entities: readonly Entity[], numbers: ReadonlyMap<string, number>, links: Json, linksName: string) {
    this.entities = entities;
    this.#children = new Array(entities.length).fill(undefined);
    this.#parents = new Array(entities.length).fill(undefined);
    for (const { from, to } of readLinks(links, linksName)) {
      this.#connect(resolve(numbers, from, linksName), resolve(numbers, to, linksName), to, linksName);
    }
    this.order = this.#sorted(linksName);
  }

  entity(number: number): Entity {
    return this.entities[number] as Entity;
  }

  children(number: number): readonly number[] {
    return this.#children[number] ?? none;
  }

  parents(number: number): readonly number[] {
    return this.#parents[number] ?? none;
  }

  next(number: number, direction: Direction): readonly number[] {
    return direction === 'children' ? this.children(number) : this.parents(number);
  }

  #connect(from: number, to: number, end: LinkEnd, linksName: string): void {
    const [source, target] = [this.entity(from), this.entity(to)];
    if (!mayJoin(source.core, target.core)) {
      const message = `'${end.field}' leads from ${nameOf(source)} to ${nameOf(target)}`;
      const remedy = 'Link biomaterials and files with processes, and processes with protocols.';
      throw invalid(linksName, end.field, message, remedy);
    }
    const children = this.#children[from];
    if (children === undefined) this.#children[from] = [to];
    else children.push(to);
    const parents = this.#parents[to];
    if (parents === undefined) this.#parents[to] = [from];
    else parents.push(from);
  }

  /** Kahn's algorithm: without recursion, however long the chains are. */
  #sorted(linksName: string): Int32Array {
    const size = this.entities.length;
    const order = new Int32Array(size);
    const waiting = new Int32Array(size);
    let filled = 0;
    for (let i = 0; i < size; i++) {
      waiting[i] = this.parents(i).length;
      if (waiting[i] === 0) order[filled++] = i;
    }
    for (let done = 0; done < filled; done++) {
      for (const child of this.children(order[done] as number)) {
        waiting[child] = (waiting[child] as number) - 1;
        if (waiting[child] === 0) order[filled++] = child;
      }
    }
    if (filled < size) throw this.#cycle(waiting, linksName);
    return order;
  }

  /** Going from any entity that waits to a parent that waits must come back to a place seen before. */
  #cycle(waiting: Int32Array, linksName: string): Error {
    const seen = new Set<number>();
    let at = waiting.findIndex((count) => count > 0);
    while (!seen.has(at)) {
      seen.add(at);
      at = this.parents(at).find((parent) => (waiting[parent] as number) > 0) as number;
    }
    const name = nameOf(this.entity(at));
    return invalid(name, '', `${name} is made from itself: its links form a cycle`, `Correct ${linksName}.`);
  }
}

function resolve(numbers: ReadonlyMap<string, number>, end: LinkEnd, linksName: string): number {
  const { id } = end;
  const number = numbers.get(id) ?? numbers.get(id.toLowerCase());
  if (number !== undefined) return number;
  const { field } = end;
  const remedy = 'Add the metadata document of that entity, or remove the link.';
  throw invalid(linksName, field, `'${field}' names an entity that the bundle doesn't hold: ${id}`, remedy);
}

function mayJoin(from: Core, to: Core): boolean {
  if (from === 'process') return to === 'biomaterial' || to === 'file' || to === 'protocol';
  return (from === 'biomaterial' || from === 'file') && to === 'process';
}
