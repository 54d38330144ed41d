import { pointerPart } from '../../../../core/config/json-pointer.ts';
import { type NormalizedBundle, NormalizedBundleBuilder, replicasRole } from '../../../../core/model/normalized.ts';
import type { Kind } from '../declared/tables.ts';
import type { AnvilBundle } from '../read/bundle.ts';
import type { Row } from '../read/row.ts';
import { Linked, type Rows } from '../walk/linked.ts';
import { isStub, kindOf, valuesOf } from './values.ts';

/** Rows of inner entities, and verbatim documents, among the rows to which something leads. */
interface Side {
  readonly rows: ReadonlyMap<string, readonly number[]>;
  /** of those that are a set by themselves, when they were asked for */
  readonly sets: Map<string, number>;
}

const none: readonly number[] = [];
/** What links lead to. The dataset is always the bundle's. */
const linkedKinds: readonly Kind[] = ['activities', 'biosamples', 'diagnoses', 'donors', 'files'];
const kinds: readonly Kind[] = [...linkedKinds, 'datasets'];
/** Kinds of which documents are about each row (specification, plugin-anvil 3). */
const outerKinds: ReadonlySet<Kind | undefined> = new Set(['activities', 'biosamples', 'donors', 'files']);

/** Makes rows, sets and entities of one bundle. */
export class Emission {
  readonly #bundle: AnvilBundle;
  readonly #builder = new NormalizedBundleBuilder();
  readonly #up: Linked;
  readonly #down: Linked;
  /** by row of the bundle */
  readonly #kinds: readonly (Kind | undefined)[];
  /** number of the inner entity by row of the bundle; undefined where there is none */
  readonly #inner: readonly (number | undefined)[];
  readonly #documents: readonly number[];
  readonly #sides = new Map<Rows, Side>();

  /** @throws LazuliError `bundle_invalid` */
  constructor(bundle: AnvilBundle) {
    const { rows, links } = bundle;
    this.#bundle = bundle;
    this.#up = new Linked(rows.length, links, 'up');
    this.#down = new Linked(rows.length, links, 'down');
    this.#kinds = rows.map(({ table }) => kindOf(table));
    this.#inner = rows.map((row, number) => {
      const kind = this.#kinds[number];
      return kind === undefined ? undefined : this.#builder.row(kind, row.id, valuesOf(row, kind));
    });
    this.#documents = this.#documentsOf(rows);
  }

  emit(): NormalizedBundle {
    const { rows, dataset, uuid, contents } = this.#bundle;
    const all = this.#sideOf(rows.map((_, number) => number));
    const datasets = this.#setOf(all, 'datasets');
    rows.forEach((row, number) => {
      if (outerKinds.has(this.#kinds[number])) this.#entity(row, number, datasets);
    });
    const sets = Object.fromEntries(kinds.map((kind) => [kind, this.#setOf(all, kind)]));
    this.#builder.entity('datasets', (rows[dataset] as Row).id, sets);
    this.#builder.entity('bundles', uuid, sets);
    for (const [member, value] of Object.entries(contents))
      if (member !== 'entities') this.#builder.document(`/${pointerPart(member)}`, value, null, null);
    return this.#builder.build();
  }

  #entity(row: Row, number: number, datasets: number): void {
    const kind = this.#kinds[number] as Kind;
    const [up, down] = [this.#sideOf(this.#up.of(number)), this.#sideOf(this.#down.of(number))];
    const sets = Object.fromEntries(linkedKinds.map((one) => [one, this.#united(one, up, down)]));
    const own = { [kind]: this.#builder.set([this.#inner[number] as number]) };
    const replicas = kind === 'files' ? { [replicasRole]: this.#replicas(number, up, down) } : {};
    this.#builder.entity(kind, row.id, { ...sets, ...own, ...replicas, datasets });
  }

  #replicas(number: number, up: Side, down: Side): number {
    const linked = [up, down].flatMap(({ rows }) => rows.get(replicasRole) ?? none);
    return this.#builder.set([...linked, this.#documents[number] as number]);
  }

  #united(kind: Kind, up: Side, down: Side): number {
    const [above, below] = [up.rows.get(kind), down.rows.get(kind)];
    if (above === undefined || above === below) return this.#setOf(down, kind);
    return below === undefined ? this.#setOf(up, kind) : this.#builder.set([...above, ...below]);
  }

  #setOf({ rows, sets }: Side, kind: Kind): number {
    const known = sets.get(kind);
    if (known !== undefined) return known;
    const made = this.#builder.set(rows.get(kind) ?? none);
    sets.set(kind, made);
    return made;
  }

  #sideOf(rows: Rows): Side {
    const known = this.#sides.get(rows);
    if (known !== undefined) return known;
    const side: Side = { rows: this.#split(rows), sets: new Map() };
    this.#sides.set(rows, side);
    return side;
  }

  #split(numbers: Rows): ReadonlyMap<string, readonly number[]> {
    const split = new Map<string, number[]>();
    const put = (role: string, row: number): void => {
      const rows = split.get(role);
      if (rows === undefined) split.set(role, [row]);
      else rows.push(row);
    };
    for (const number of numbers) {
      const kind = this.#kinds[number];
      if (kind !== undefined) put(kind, this.#inner[number] as number);
      if (kind !== 'datasets') put(replicasRole, this.#documents[number] as number);
    }
    return split;
  }

  /**
   * Stages entities verbatim. Replicas are those that belong to a file: of linked ones the file is a hub, of the dataset each
   * file of its source is; the stub of a dataset is a replica by itself (specification, plugin-anvil 3.1).
   */
  #documentsOf(rows: readonly Row[]): readonly number[] {
    const ofFiles = this.#ofFiles();
    return rows.map((row, number) => {
      const isReplica = ofFiles[number] === 1 || isStub(row);
      const pointer = `/entities/${pointerPart(row.key)}`;
      return this.#builder.document(pointer, row.contents, isReplica ? row.table : null, isReplica ? row.id : null);
    });
  }

  /** By row: 1 for files, what is linked to one, and the dataset where there are any. */
  #ofFiles(): Uint8Array {
    const { rows, dataset } = this.#bundle;
    const marked = new Uint8Array(rows.length);
    const lists = new Set<Rows>();
    this.#kinds.forEach((kind, number) => {
      if (kind === 'files') lists.add([number, dataset]).add(this.#up.of(number)).add(this.#down.of(number));
    });
    for (const list of lists) for (const number of list) marked[number] = 1;
    return marked;
  }
}
