import { invalid } from '../members.ts';
import { isSuspension, nameOf } from '../read/entities.ts';
import type { Direction } from '../read/graph.ts';
import type { Surroundings } from './surroundings.ts';

/** Entities on one side of a cell suspension, other suspensions left out. Never changed once made. */
export interface Side {
  /** equal numbers mean the very same side */
  readonly number: number;
  readonly members: ReadonlySet<number>;
}

/** Members of sides that are kept for one bundle. */
const maxKept = 10_000_000;

/**
 * What is above and below each cell suspension. Its documents show no suspension but itself, so
 * suspensions processed from each other mostly have the same surroundings; a side is made from the
 * sides of the next suspensions on the way and what lies between, and shared when nothing is added.
 * So a chain of suspensions costs no more than its entities.
 */
export class SuspensionSides {
  readonly above: readonly (Side | undefined)[];
  readonly below: readonly (Side | undefined)[];
  readonly #surroundings: Surroundings;
  readonly #seen: Int32Array;
  #walk = 0;
  #made = 0;
  #kept = 0;

  constructor(surroundings: Surroundings) {
    const { graph } = surroundings;
    this.#surroundings = surroundings;
    this.#seen = new Int32Array(graph.entities.length);
    const suspensions: number[] = [];
    for (const number of graph.order) if (isSuspension(graph.entity(number))) suspensions.push(number);
    this.above = this.#sides(suspensions, 'parents');
    this.below = this.#sides(suspensions.reverse(), 'children');
  }

  #sides(suspensions: readonly number[], direction: Direction) {
    const sides: (Side | undefined)[] = new Array(this.#seen.length).fill(undefined);
    for (const suspension of suspensions) sides[suspension] = this.#side(suspension, direction, sides);
    return sides;
  }

  #side(start: number, direction: Direction, sides: readonly (Side | undefined)[]): Side {
    const { graph } = this.#surroundings;
    this.#walk++;
    const between: number[] = [];
    const further = new Set<Side>();
    const waiting = [...graph.next(start, direction)];
    for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
      if (this.#seen[number] === this.#walk) continue;
      this.#seen[number] = this.#walk;
      if (isSuspension(graph.entity(number))) {
        if (this.#surroundings.feedsSequencing[number] === 1) between.push(number);
        further.add(sides[number] as Side);
      } else {
        if (this.#surroundings.isCollected(number)) between.push(number);
        for (const protocol of this.#surroundings.protocols(number)) {
          if (this.#surroundings.isCollected(protocol)) between.push(protocol);
        }
        waiting.push(...graph.next(number, direction));
      }
    }
    return this.#united(start, between, [...further]);
  }

  #united(start: number, between: readonly number[], further: readonly Side[]): Side {
    const largest = further.reduce<Side | undefined>(
      (a, b) => (a && a.members.size >= b.members.size ? a : b),
      undefined,
    );
    const others = further.filter((side) => side !== largest);
    if (largest && between.every((one) => largest.members.has(one)) && others.every((side) => within(side, largest))) {
      return largest;
    }
    const members = new Set(largest?.members);
    for (const side of others) for (const one of side.members) members.add(one);
    for (const one of between) members.add(one);
    this.#kept += members.size;
    if (this.#kept > maxKept) {
      const name = nameOf(this.#surroundings.graph.entity(start));
      throw invalid(name, '', 'Cell suspensions are made from each other in too many ways', 'Split the bundle.');
    }
    return { number: this.#made++, members };
  }
}

function within(side: Side, other: Side): boolean {
  if (side.members.size > other.members.size) return false;
  for (const one of side.members) if (!other.members.has(one)) return false;
  return true;
}
