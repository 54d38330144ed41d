import { pointerPart } from '../../../../core/config/json-pointer.ts';
import {
  ascending,
  type NormalizedBundle,
  NormalizedBundleBuilder,
  replicasRole,
} from '../../../../core/model/normalized.ts';
import type { Kind } from '../declared/tables.ts';
import type { AnvilBundle } from '../read/bundle.ts';
import type { Row } from '../read/row.ts';
import { Linked, type Rows } from '../walk/linked.ts';
import { isStub, kindOf, valuesOf } from './values.ts';

/** Numbers of inner entities, and of verbatim documents, by role. */
type ByRole = ReadonlyMap<string, readonly number[]>;

/** What rows are linked to that are made from the same rows, and made into the same: those of a pool, or of a cycle. */
interface Around {
  readonly up: ByRole;
  readonly down: ByRole;
  /** numbers of sets, and lists, when they were asked for */
  readonly sets: Map<string, number>;
  documents: readonly number[] | undefined;
}

const none: readonly number[] = [];
/** What links lead to. The dataset is always the bundle's. */
const linkedKinds: readonly Kind[] = ['activities', 'biosamples', 'diagnoses', 'donors', 'files'];
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
  readonly #sides = new Map<Rows, ByRole>();
  readonly #around = new Map<ByRole, Map<ByRole, Around>>();

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
    const datasets = this.#builder.set(all.get('datasets') ?? none);
    rows.forEach((row, number) => {
      if (outerKinds.has(this.#kinds[number])) this.#entity(row, number, datasets);
    });
    const whole = this.#aroundOf(all, all);
    const sets = Object.fromEntries([
      ...linkedKinds.map((kind) => [kind, this.#setOf(whole, kind)]),
      ['datasets', datasets],
    ]);
    this.#builder.entity('datasets', (rows[dataset] as Row).id, sets);
    this.#builder.entity('bundles', uuid, sets);
    for (const [member, value] of Object.entries(contents))
      if (member !== 'entities') this.#builder.document(`/${pointerPart(member)}`, value, null, null);
    return this.#builder.build();
  }

  #entity(row: Row, number: number, datasets: number): void {
    const kind = this.#kinds[number] as Kind;
    const around = this.#aroundOf(this.#sideOf(this.#up.of(number)), this.#sideOf(this.#down.of(number)));
    const sets: Record<string, number> = { datasets };
    for (const one of linkedKinds)
      sets[one] = one === kind ? this.#builder.set([this.#inner[number] as number]) : this.#setOf(around, one);
    if (kind === 'files') sets[replicasRole] = this.#replicas(number, around);
    this.#builder.entity(kind, row.id, sets);
  }

  /** Of files that are made from themselves their own document is there already. */
  #replicas(number: number, around: Around): number {
    around.documents ??= united(around, replicasRole);
    const own = this.#documents[number] as number;
    if (isAmong(around.documents, own)) return this.#setOf(around, replicasRole);
    return this.#builder.set([...around.documents, own]);
  }

  #setOf(around: Around, role: string): number {
    const known = around.sets.get(role);
    if (known !== undefined) return known;
    const made = this.#builder.set(united(around, role));
    around.sets.set(role, made);
    return made;
  }

  #aroundOf(up: ByRole, down: ByRole): Around {
    const others = this.#around.get(up) ?? new Map<ByRole, Around>();
    const around = others.get(down) ?? { up, down, sets: new Map(), documents: undefined };
    this.#around.set(up, others.set(down, around));
    return around;
  }

  #sideOf(rows: Rows): ByRole {
    const known = this.#sides.get(rows);
    if (known !== undefined) return known;
    const side = this.#split(rows);
    this.#sides.set(rows, side);
    return side;
  }

  #split(numbers: Rows): ByRole {
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

/** Ascending. */
function united({ up, down }: Around, role: string): readonly number[] {
  const [above = none, below = none] = [up.get(role), down.get(role)];
  if (above.length === 0 || above === below) return below;
  return below.length === 0 ? above : ascending([...above, ...below]);
}

/** Whether a list that ascends has a number. */
function isAmong(numbers: readonly number[], wanted: number): boolean {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return numbers[low] === wanted;
}
