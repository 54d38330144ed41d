import { BundleProblem } from './bundle-problem.ts';
import type { NodeSet } from './node-set.ts';
import { separator, type TextsFile } from './texts-file.ts';

/** The text of a bundle: pieces of the file of texts, and some of its own. */
export class BundleText {
  readonly #texts: TextsFile;
  /** of each piece, where it begins in the file, or the bitwise complement of its place among the own ones */
  #starts: number[] = [];
  #bytes: number[] = [];
  #own: Buffer[] = [];
  /** whether the list that was begun last has members */
  #hasMembers = false;
  #total = 0;

  constructor(texts: TextsFile) {
    this.#texts = texts;
  }

  /** in bytes */
  get size(): number {
    return this.#total;
  }

  clear(): void {
    [this.#starts, this.#bytes, this.#own] = [[], [], []];
    this.#total = 0;
  }

  /** @throws BundleProblem where no bundle can have one of them */
  expectUsable(nodes: NodeSet): void {
    for (let i = 0; i < nodes.size; i++) {
      const problem = this.#texts.problemOf(nodes.at(i));
      if (problem !== null) throw new BundleProblem(problem);
    }
  }

  /** As it is, where nothing of it comes from a table. */
  add(text: string): void {
    const bytes = Buffer.from(text);
    this.#piece(~this.#own.length, bytes.length);
    this.#own.push(bytes);
  }

  /** The text of a node, by itself. */
  addWhole(slot: number, node: number): void {
    const { start, bytes } = this.#texts.whole(slot, node);
    this.#piece(start, bytes);
  }

  /** What the text of a node begins with. */
  addHead(slot: number, node: number): void {
    const { start, bytes } = this.#texts.head(slot, node);
    this.#piece(start, bytes);
  }

  /** Begins an object or a list. */
  begin(text: string): void {
    this.add(text);
    this.#hasMembers = false;
  }

  /** The text of a node as the next member; none where it has no text in that slot. */
  member(slot: number, node: number): void {
    const { start, bytes } = this.#texts.whole(slot, node);
    if (bytes === 0) return;
    this.#piece(start, bytes + separator.length);
    this.#hasMembers = true;
  }

  /**
   * All texts of nodes in a slot as the next members, in the order of the nodes' numbers: whatever else the snapshot has, and
   * however much of it was read, the text of a bundle is the same.
   */
  members(slot: number, nodes: NodeSet): void {
    for (const node of nodes.toArray().sort()) this.member(slot, node);
  }

  /** Ends a member that was added in pieces. */
  endMember(): void {
    this.add(separator);
    this.#hasMembers = true;
  }

  /** Ends an object or a list. */
  end(text: string): void {
    if (this.#hasMembers) {
      const last = this.#bytes.length - 1;
      this.#bytes[last] = (this.#bytes[last] ?? 0) - separator.length;
      this.#total -= separator.length;
    }
    this.add(text);
  }

  toBytes(): Uint8Array {
    const all = Buffer.allocUnsafe(this.#total);
    let at = 0;
    for (let i = 0; i < this.#starts.length; i++) {
      const start = this.#starts[i] ?? 0;
      const bytes = this.#bytes[i] ?? 0;
      if (start < 0) this.#own[~start]?.copy(all, at, 0, bytes);
      else this.#texts.read(all, at, { start, bytes });
      at += bytes;
    }
    return all;
  }

  /** What follows the piece before it in the file becomes one with it. */
  #piece(start: number, bytes: number): void {
    this.#total += bytes;
    const last = this.#starts.length - 1;
    const before = this.#starts[last] ?? -1;
    if (start >= 0 && before >= 0 && before + (this.#bytes[last] ?? 0) === start) {
      this.#bytes[last] = start + bytes - before;
      return;
    }
    this.#starts.push(start);
    this.#bytes.push(bytes);
  }
}
