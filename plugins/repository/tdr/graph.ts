import type { DuckDBConnection } from '@duckdb/node-api';
import { name } from '../../../core/duckdb/sql.ts';
import { columnsOf, numberOf } from './database.ts';
import { NodeSet } from './node-set.ts';

/** Which nodes each node is related to, in the order of their numbers. */
export class Relation {
  /** of each node, where its others begin, and end: one more than there are nodes */
  readonly #starts: Int32Array;
  readonly #others: Int32Array;

  private constructor(starts: Int32Array, others: Int32Array) {
    this.#starts = starts;
    this.#others = others;
  }

  /** @param nodes the greatest number of a node */
  static async read(connection: DuckDBConnection, table: string, nodes: number): Promise<Relation> {
    const starts = new Int32Array(nodes + 2);
    const others = new Int32Array(await numberOf(connection, `SELECT count(*) FROM ${name(table)}`));
    let node = 0;
    let place = 0;
    for await (const [a = [], b = []] of columnsOf(connection, `SELECT a, b FROM ${name(table)} ORDER BY a, b`)) {
      for (let i = 0; i < a.length; i++) {
        while (node < Number(a[i])) starts[++node] = place;
        others[place++] = Number(b[i]);
      }
    }
    starts.fill(place, node + 1);
    return new Relation(starts, others);
  }

  count(node: number): number {
    return (this.#starts[node + 1] ?? 0) - (this.#starts[node] ?? 0);
  }

  each(node: number, visit: (other: number) => void): void {
    const end = this.#starts[node + 1] ?? 0;
    for (let i = this.#starts[node] ?? 0; i < end; i++) visit(this.#others[i] ?? 0);
  }

  every(node: number, is: (other: number) => boolean): boolean {
    const end = this.#starts[node + 1] ?? 0;
    for (let i = this.#starts[node] ?? 0; i < end; i++) if (!is(this.#others[i] ?? 0)) return false;
    return true;
  }
}

/** What is related in a snapshot, as numbers. */
export class Graph {
  /** the greatest number of a node */
  readonly nodes: number;
  readonly #relations: ReadonlyMap<string, Relation>;

  private constructor(nodes: number, relations: ReadonlyMap<string, Relation>) {
    this.nodes = nodes;
    this.#relations = relations;
  }

  static async read(connection: DuckDBConnection, relations: readonly string[], nodes: number): Promise<Graph> {
    const read = new Map<string, Relation>();
    for (const relation of relations) read.set(relation, await Relation.read(connection, relation, nodes));
    return new Graph(nodes, read);
  }

  relation(name: string): Relation {
    const relation = this.#relations.get(name);
    if (relation === undefined) throw new RangeError(`There is no relation ${name}`);
    return relation;
  }

  /** All nodes in such an order that those which are found together, from each of some, are near each other. */
  order(from: Iterable<number>): Int32Array {
    const relations = [...this.#relations.values()];
    const found = new NodeSet(this.nodes);
    const add = (node: number): void => void found.add(node);
    let next = 0;
    const follow = (start: number): void => {
      add(start);
      for (; next < found.size; next++) for (const relation of relations) relation.each(found.at(next), add);
    };
    for (const node of from) follow(node);
    for (let node = 0; node <= this.nodes; node++) follow(node);
    return found.toArray();
  }
}
