import { BundleProblem } from '../bundle-problem.ts';
import type { BundleText } from '../bundle-text.ts';
import type { Graph, Relation } from '../graph.ts';
import type { Assembler } from '../model.ts';
import { NodeSet } from '../node-set.ts';
import { slots } from './prepare.ts';

/** Header of the links of several subgraphs (specification, repository-plugins 5). */
const mergedHeader =
  '"describedBy":"https://schema.humancellatlas.org/system/3.0.0/links","schema_type":"links","schema_version":"3.0.0"';

/** Takes a subgraph and all that complete it (specification, tdr 6.1). */
export function stitching(graph: Graph): Assembler {
  const stitch = new Stitching(graph);
  return ({ node }, bundle) => stitch.assemble(node, bundle);
}

class Stitching {
  readonly #mentions: Relation;
  readonly #dangling: Relation;
  readonly #upstream: Relation;
  readonly #shapes: Relation;
  /** subgraphs: the root, then those upstream */
  readonly #subgraphs: NodeSet;
  /** what they name */
  readonly #things: NodeSet;
  /** what the root takes from elsewhere */
  readonly #taken: NodeSet;
  readonly #stitched: NodeSet;

  constructor(graph: Graph) {
    this.#mentions = graph.relation('mentions');
    this.#dangling = graph.relation('dangling');
    this.#upstream = graph.relation('upstream');
    this.#shapes = graph.relation('shapes');
    this.#subgraphs = new NodeSet(graph.nodes);
    this.#things = new NodeSet(graph.nodes);
    this.#taken = new NodeSet(graph.nodes);
    this.#stitched = new NodeSet(graph.nodes);
  }

  assemble(root: number, bundle: BundleText): void {
    this.#search(root);
    bundle.expectUsable(this.#subgraphs);
    bundle.expectUsable(this.#things);
    this.#expectOneShape();
    bundle.begin('{"manifest":{');
    bundle.members(slots.manifest, this.#things);
    bundle.end('}');
    bundle.begin(',"metadata":{');
    bundle.members(slots.metadata, this.#things);
    bundle.end('}');
    this.#writeLinks(root, bundle);
    bundle.begin(',"stitched":[');
    bundle.members(slots.id, this.#stitched);
    bundle.end(']}');
  }

  #search(root: number): void {
    for (const nodes of [this.#subgraphs, this.#things, this.#taken, this.#stitched]) nodes.clear();
    this.#subgraphs.add(root);
    for (let i = 0; i < this.#subgraphs.size; i++)
      this.#upstream.each(this.#subgraphs.at(i), (up) => void this.#subgraphs.add(up));
    this.#dangling.each(root, (thing) => void this.#taken.add(thing));
    for (let i = 0; i < this.#subgraphs.size; i++) {
      this.#mentions.each(this.#subgraphs.at(i), (thing) => {
        if (this.#things.add(thing) && (i > 0 || this.#taken.has(thing))) this.#stitched.add(thing);
      });
    }
  }

  #expectOneShape(): void {
    let shape = 0;
    const isSame = (other: number): boolean => {
      if (shape === 0) shape = other;
      return shape === other;
    };
    for (let i = 0; i < this.#subgraphs.size; i++)
      if (!this.#shapes.every(this.#subgraphs.at(i), isSame))
        throw new BundleProblem('links of the subgraphs that belong together have different members');
  }

  #writeLinks(root: number, bundle: BundleText): void {
    bundle.add(',"links":');
    if (this.#subgraphs.size === 1) {
      bundle.addWhole(slots.content, root);
      return;
    }
    bundle.begin(`{${mergedHeader},"links":[`);
    for (let i = 0; i < this.#subgraphs.size; i++) bundle.member(slots.links, this.#subgraphs.at(i));
    bundle.end(']}');
  }
}
