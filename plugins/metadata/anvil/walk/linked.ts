import { LazuliError } from '../../../../core/config/errors.ts';
import type { Link } from '../read/links.ts';
import { components } from './components.ts';

/** Numbers of rows, ascending. Whoever has the same ones has the same list. */
export type Rows = readonly number[];

const none: Rows = [];
/** Rows of all lists together: of a bundle that has more, sets would be too many, too. */
const maxLinked = 5_000_000;

/** What rows were made from, or made into, over any number of links (specification, plugin-anvil 3). */
export class Linked {
  /** by row: links to follow from it */
  readonly #linksOf: readonly (readonly number[])[];
  /** by link: rows to which it leads */
  readonly #rowsOf: readonly (readonly number[])[];
  /** by link: these, and all to which they lead */
  readonly #reached: Rows[];
  /** by the links that rows follow, where there are several */
  readonly #united = new Map<string, Rows>();
  /** by row: the last union for which it was looked at */
  readonly #seen: Int32Array;
  #unions = 0;
  #linked = 0;

  /**
   * @param rows how many there are
   * @param direction `up` to what rows were made from
   * @throws LazuliError `bundle_invalid` where too many lead to too many, as in very long chains
   */
  constructor(rows: number, links: readonly Link[], direction: 'up' | 'down') {
    const linksOf = Array.from({ length: rows }, (): number[] => []);
    this.#rowsOf = links.map(({ inputs, activity, outputs }, link) => {
      const [from, to] = direction === 'up' ? [outputs, inputs] : [inputs, outputs];
      const own = activity === null ? [] : [activity];
      for (const row of [...own, ...from]) linksOf[row]?.push(link);
      return [...own, ...to];
    });
    this.#linksOf = linksOf;
    this.#seen = new Int32Array(rows);
    this.#reached = new Array(links.length).fill(none);
    for (const component of this.#components()) this.#reach(component);
  }

  /** All to which a row leads. Where links lead back to it, it is among them. */
  of(row: number): Rows {
    const links = this.#linksOf[row] ?? none;
    if (links.length < 2) return this.#reached[links[0] ?? -1] ?? none;
    const key = links.join();
    const known = this.#united.get(key);
    if (known !== undefined) return known;
    const united = this.#union(
      none,
      links.map((link) => this.#reached[link] as Rows),
    );
    this.#united.set(key, united);
    return united;
  }

  /** Of rows and links, of which links are numbered from the last row on. */
  #components(): readonly (readonly number[])[] {
    const first = this.#linksOf.length;
    return components([...this.#linksOf.map((links) => links.map((link) => first + link)), ...this.#rowsOf]);
  }

  /** What links lead to that lead to each other is the same for all of them. */
  #reach(component: readonly number[]): void {
    const first = this.#linksOf.length;
    const links = component.filter((node) => node >= first).map((node) => node - first);
    if (links.length === 0) return;
    const rows = links.flatMap((link) => this.#rowsOf[link] as readonly number[]);
    const further = new Set(
      rows.flatMap((row) => (this.#linksOf[row] ?? none).map((link) => this.#reached[link] as Rows)),
    );
    const reached = this.#union(rows, further);
    for (const link of links) this.#reached[link] = reached;
  }

  #union(rows: readonly number[], lists: Iterable<Rows>): Rows {
    this.#unions++;
    const all: number[] = [];
    let longest = none;
    for (const list of [rows, ...new Set(lists)]) {
      if (list !== rows && list.length > longest.length) longest = list;
      for (const row of list) {
        if (this.#seen[row] === this.#unions) continue;
        this.#seen[row] = this.#unions;
        all.push(row);
      }
    }
    if (all.length === longest.length) return longest;
    this.#linked += all.length;
    if (this.#linked > maxLinked) {
      throw new LazuliError('bundle_invalid', `Entities are linked to each other in more than ${maxLinked} ways`, {
        remedy: 'Split the bundle.',
      });
    }
    return all.sort((a, b) => a - b);
  }
}
