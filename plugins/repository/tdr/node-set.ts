/** Nodes in the order in which they are added. It is emptied at no cost, and used for bundle after bundle. */
export class NodeSet {
  /** by node, the round in which it was added last */
  readonly #rounds: Int32Array;
  readonly #nodes: Int32Array;
  #round = 1;
  #size = 0;

  /** @param nodes the greatest number of a node */
  constructor(nodes: number) {
    this.#rounds = new Int32Array(nodes + 1);
    this.#nodes = new Int32Array(nodes + 1);
  }

  get size(): number {
    return this.#size;
  }

  /** @param place the first one is at 0 */
  at(place: number): number {
    return this.#nodes[place] ?? 0;
  }

  has(node: number): boolean {
    return this.#rounds[node] === this.#round;
  }

  /** @returns whether it was not there */
  add(node: number): boolean {
    if (this.has(node)) return false;
    this.#rounds[node] = this.#round;
    this.#nodes[this.#size++] = node;
    return true;
  }

  clear(): void {
    this.#size = 0;
    if (this.#round++ < maxRound) return;
    this.#rounds.fill(0);
    this.#round = 1;
  }

  toArray(): Int32Array {
    return this.#nodes.slice(0, this.#size);
  }
}

const maxRound = 2 ** 31 - 2;
