import type { Direction, Graph } from '../read/graph.ts';
import { isShown } from '../read/manifest.ts';
import { roleOf } from '../read/schemas.ts';

/** Numbers of the entities found around some other, by the role they play. */
export type ByRole = ReadonlyMap<string, readonly number[]>;

const none: readonly number[] = [];

/** The role of biomaterials that go into sequencing, whatever other role they play. */
export const sequencingInputs = 'sequencing_inputs';

/**
 * Walks the graph and collects the entities that documents show (specification, plugin-hca 2.4).
 * Each walk visits an entity once, so diamonds cost nothing.
 */
export class Surroundings {
  readonly graph: Graph;
  /** by entity; undefined where no document shows the entity in a role of its own */
  readonly role: readonly (string | undefined)[];
  /** by entity: 1 where the biomaterial has a process with a sequencing protocol */
  readonly feedsSequencing: Uint8Array;
  readonly #protocols: readonly (readonly number[])[];
  readonly #below: Int32Array;
  readonly #above: Int32Array;
  readonly #collected: Int32Array;
  #walk = 0;

  constructor(graph: Graph) {
    const size = graph.entities.length;
    this.graph = graph;
    const protocols: (readonly number[])[] = [];
    const role: (string | undefined)[] = [];
    this.feedsSequencing = new Uint8Array(size);
    for (let number = 0; number < size; number++) {
      const found = protocolsOf(graph, number);
      const sequences = holds(graph, found, 'sequencing_protocol');
      protocols.push(found);
      role.push(roleIn(graph, number, sequences));
      if (sequences) for (const input of graph.parents(number)) this.#markInput(input);
    }
    this.#protocols = protocols;
    this.role = role;
    this.#below = new Int32Array(size);
    this.#above = new Int32Array(size);
    this.#collected = new Int32Array(size);
  }

  /** Everything below and above an entity, and itself. */
  around(number: number): number[] {
    return this.collect([number], this.graph.parents(number));
  }

  /** Entities of `below` with all their descendants, those of `above` with all their ancestors. */
  collect(below: readonly number[], above: readonly number[]): number[] {
    this.#walk++;
    const found: number[] = [];
    this.#follow(below, this.#below, 'children', found);
    this.#follow(above, this.#above, 'parents', found);
    return found;
  }

  /** Splits collected entities by role. */
  byRole(numbers: readonly number[]): ByRole {
    const roles = new Map<string, number[]>();
    for (const number of numbers) {
      const role = this.role[number];
      if (role !== undefined) put(roles, role, number);
      if (this.feedsSequencing[number] === 1) put(roles, sequencingInputs, number);
    }
    return roles;
  }

  protocols(process: number): readonly number[] {
    return this.#protocols[process] as readonly number[];
  }

  isCollected(number: number): boolean {
    return this.role[number] !== undefined || this.feedsSequencing[number] === 1;
  }

  #markInput(number: number): void {
    if (this.graph.entity(number).core === 'biomaterial') this.feedsSequencing[number] = 1;
  }

  #follow(starts: readonly number[], seen: Int32Array, direction: Direction, found: number[]): void {
    const waiting = [...starts];
    for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
      if (seen[number] === this.#walk) continue;
      seen[number] = this.#walk;
      this.#collect(number, found);
      for (const protocol of this.protocols(number)) this.#collect(protocol, found);
      for (const other of this.graph.next(number, direction)) if (seen[other] !== this.#walk) waiting.push(other);
    }
  }

  #collect(number: number, found: number[]): void {
    if (this.#collected[number] === this.#walk || !this.isCollected(number)) return;
    this.#collected[number] = this.#walk;
    found.push(number);
  }
}

/** Those of a process. */
function protocolsOf(graph: Graph, number: number): readonly number[] {
  if (graph.entity(number).core !== 'process') return none;
  const protocols: number[] = [];
  for (const child of graph.children(number)) if (graph.entity(child).core === 'protocol') protocols.push(child);
  return protocols;
}

function holds(graph: Graph, numbers: readonly number[], schema: string): boolean {
  for (const number of numbers) if (graph.entity(number).schema === schema) return true;
  return false;
}

function roleIn(graph: Graph, number: number, sequences: boolean): string | undefined {
  const entity = graph.entity(number);
  if (entity.core === 'file') return isShown(entity.manifest) ? 'files' : undefined;
  if (entity.core !== 'process') return roleOf.get(entity.schema);
  return sequences || entity.schema === 'sequencing_process' ? 'sequencing_processes' : undefined;
}

function put(roles: Map<string, number[]>, role: string, number: number): void {
  const numbers = roles.get(role);
  if (numbers === undefined) roles.set(role, [number]);
  else numbers.push(number);
}
