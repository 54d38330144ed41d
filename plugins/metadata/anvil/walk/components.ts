/**
 * Nodes that lead to each other, together; each component comes after all to which it leads (Tarjan's algorithm, without
 * recursion, however long the ways are).
 *
 * @param next by node: those to which it leads
 */
export function components(next: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const search = new Search(next);
  for (let node = 0; node < next.length; node++) search.from(node);
  return search.found;
}

class Search {
  readonly found: number[][] = [];
  readonly #next: readonly (readonly number[])[];
  /** by node: when it was visited; 0 where it wasn't yet */
  readonly #visited: Int32Array;
  /** by node: when the earliest one was visited that it is known to lead back to */
  readonly #back: Int32Array;
  /** by node: how many of its ways were gone */
  readonly #gone: Int32Array;
  readonly #isOpen: Uint8Array;
  /** visited nodes whose component isn't complete */
  readonly #open: number[] = [];
  #visits = 0;

  constructor(next: readonly (readonly number[])[]) {
    this.#next = next;
    this.#visited = new Int32Array(next.length);
    this.#back = new Int32Array(next.length);
    this.#gone = new Int32Array(next.length);
    this.#isOpen = new Uint8Array(next.length);
  }

  from(start: number): void {
    if (this.#visited[start] !== 0) return;
    const path = [start];
    this.#visit(start);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const to = this.#way(node);
      if (to === undefined) {
        path.pop();
        this.#leave(node, path.at(-1));
      } else if (this.#visited[to] === 0) {
        this.#visit(to);
        path.push(to);
      } else if (this.#isOpen[to] === 1) this.#leadsBack(node, this.#visited[to] as number);
    }
  }

  #visit(node: number): void {
    this.#visits++;
    this.#visited[node] = this.#visits;
    this.#back[node] = this.#visits;
    this.#isOpen[node] = 1;
    this.#open.push(node);
  }

  #way(node: number): number | undefined {
    const gone = this.#gone[node] as number;
    this.#gone[node] = gone + 1;
    return this.#next[node]?.[gone];
  }

  #leadsBack(node: number, to: number): void {
    this.#back[node] = Math.min(this.#back[node] as number, to);
  }

  #leave(node: number, from: number | undefined): void {
    const back = this.#back[node] as number;
    if (from !== undefined) this.#leadsBack(from, back);
    if (back !== this.#visited[node]) return;
    const component = this.#open.splice(this.#open.lastIndexOf(node));
    for (const one of component) this.#isOpen[one] = 0;
    this.found.push(component);
  }
}
