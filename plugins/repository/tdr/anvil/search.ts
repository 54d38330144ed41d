import { BundleProblem } from '../bundle-problem.ts';
import type { BundleText } from '../bundle-text.ts';
import type { Graph, Relation } from '../graph.ts';
import type { Assembler } from '../model.ts';
import { NodeSet } from '../node-set.ts';
import { kinds, slots } from './prepare.ts';

/** Searches downstream from a biosample, then upstream from all of that (specification, tdr 6.2). */
export function searching(graph: Graph): Assembler {
  const search = new Search(graph);
  const datasets = graph.relation('datasets');
  return ({ node, kind }, bundle) => {
    if (kind === kinds.primary) return search.assemble(node, bundle);
    const found = datasets.count(0);
    if (found !== 1)
      throw new BundleProblem(`anvil_dataset has ${found} rows, where a supplementary file needs the only one`);
    datasets.each(0, (dataset) => writeSupplementary(dataset, node, bundle));
  };
}

function writeSupplementary(dataset: number, file: number, bundle: BundleText): void {
  bundle.begin('{"entities":{');
  bundle.member(slots.entity, dataset);
  bundle.member(slots.entity, file);
  bundle.end('}');
  bundle.add(',"links":[{"inputs":[');
  bundle.addHead(slots.entity, dataset);
  bundle.add('],"activity":null,"outputs":[');
  bundle.addHead(slots.entity, file);
  bundle.add(']}]}');
}

class Search {
  readonly #down: Relation;
  readonly #parents: Relation;
  readonly #makers: Relation;
  readonly #uses: Relation;
  readonly #makes: Relation;
  readonly #belongs: Relation;
  /** found downstream: biosamples, files, and activities */
  readonly #lower: NodeSet;
  /** activities that made what was found */
  readonly #made: NodeSet;
  /** all that was found */
  readonly #found: NodeSet;
  /** what has all of its links in the bundle */
  readonly #whole: NodeSet;

  constructor(graph: Graph) {
    this.#down = graph.relation('down');
    this.#parents = graph.relation('parents');
    this.#makers = graph.relation('makers');
    this.#uses = graph.relation('uses');
    this.#makes = graph.relation('makes');
    this.#belongs = graph.relation('belongs');
    this.#lower = new NodeSet(graph.nodes);
    this.#made = new NodeSet(graph.nodes);
    this.#found = new NodeSet(graph.nodes);
    this.#whole = new NodeSet(graph.nodes);
  }

  assemble(biosample: number, bundle: BundleText): void {
    this.#goDown(biosample);
    this.#goUp();
    this.#write(bundle);
  }

  #goDown(biosample: number): void {
    const lower = this.#lower;
    lower.clear();
    lower.add(biosample);
    const add = (node: number): void => void lower.add(node);
    for (let i = 0; i < lower.size; i++) this.#down.each(lower.at(i), add);
  }

  /** What made a file is followed to all that it used; an activity that was only found downstream is not. */
  #goUp(): void {
    const found = this.#found;
    const add = (node: number): void => void found.add(node);
    const addMaker = (activity: number): void => {
      if (!this.#made.add(activity)) return;
      found.add(activity);
      this.#uses.each(activity, add);
    };
    found.clear();
    this.#made.clear();
    for (let i = 0; i < this.#lower.size; i++) found.add(this.#lower.at(i));
    for (let i = 0; i < found.size; i++) {
      this.#parents.each(found.at(i), add);
      this.#makers.each(found.at(i), addMaker);
    }
  }

  #write(bundle: BundleText): void {
    bundle.expectUsable(this.#found);
    this.#expectOneDataset();
    bundle.begin('{"entities":{');
    bundle.members(slots.entity, this.#found);
    bundle.end('}');
    bundle.begin(',"links":[');
    this.#writeLinks(bundle);
    bundle.end(']}');
  }

  #expectOneDataset(): void {
    for (let i = 0; i < this.#found.size; i++) {
      const node = this.#found.at(i);
      if (!this.#belongs.every(node, (dataset) => this.#found.has(dataset)))
        throw new BundleProblem('anvil_donor has a donor of another dataset');
    }
  }

  /**
   * Nearly all links are whole: those to parents always, those of activities where all that they used, and all that they
   * made, is in the bundle. An activity that is known for what it made has all that it used, one that was found downstream
   * all that it made.
   */
  #writeLinks(bundle: BundleText): void {
    const whole = this.#whole;
    whole.clear();
    for (let i = 0; i < this.#found.size; i++) {
      const node = this.#found.at(i);
      const isUsed = this.#made.has(node) || this.#uses.every(node, (used) => this.#lower.has(used));
      const isMade = this.#lower.has(node) || this.#makes.every(node, (made) => this.#found.has(made));
      if (isUsed && isMade) whole.add(node);
      else if (isUsed) this.#writeOutputs(node, bundle);
      else this.#writeInputs(node, bundle);
    }
    bundle.members(slots.links, whole);
  }

  /** A link of which only some outputs are in the bundle. */
  #writeOutputs(activity: number, bundle: BundleText): void {
    bundle.addHead(slots.links, activity);
    bundle.add(',"outputs":[');
    this.#writeNames(this.#makes, activity, this.#found, bundle);
    bundle.add(']}');
    bundle.endMember();
  }

  /** A link of which only some inputs are in the bundle: of an activity that made nothing. */
  #writeInputs(activity: number, bundle: BundleText): void {
    bundle.add('{"inputs":[');
    this.#writeNames(this.#uses, activity, this.#lower, bundle);
    bundle.add('],"activity":');
    bundle.addHead(slots.entity, activity);
    bundle.add(',"outputs":[]}');
    bundle.endMember();
  }

  #writeNames(relation: Relation, activity: number, among: NodeSet, bundle: BundleText): void {
    let isFirst = true;
    relation.each(activity, (node) => {
      if (!among.has(node)) return;
      if (!isFirst) bundle.add(',');
      isFirst = false;
      bundle.addHead(slots.entity, node);
    });
  }
}
