import { LazuliError } from '../../../../core/config/errors.ts';
import { nameOfPart, pointerPart } from '../../../../core/config/json-pointer.ts';
import type { Json } from '../../../../core/model/metadata.ts';
import {
  documentsTable,
  type NormalizedBundle,
  type NormalizedBundleBuilder,
} from '../../../../core/model/normalized.ts';
import { invalid, isObject, type JsonObject } from '../members.ts';
import type { Graph } from '../read/graph.ts';

const linksPointer = '/links';
const manifestPointer = '/manifest';
/** Of the bundle's members: its documents, which are staged one by one. */
const documentsMember = 'metadata';

/**
 * Stages the bundle's documents verbatim, each once, so that the bundle can be put together again.
 * Those that a file's document collects are replicas of which the file is a hub (specification,
 * plugin-hca 3.1).
 */
export class Documents {
  readonly #builder: NormalizedBundleBuilder;
  readonly #graph: Graph;
  readonly #contents: JsonObject;
  readonly #bundle: string;
  /** row by entity, one more */
  readonly #rows: Int32Array;
  #links: number | undefined;

  /** @param bundle its uuid */
  constructor(builder: NormalizedBundleBuilder, graph: Graph, contents: JsonObject, bundle: string) {
    this.#builder = builder;
    this.#graph = graph;
    this.#contents = contents;
    this.#bundle = bundle;
    this.#rows = new Int32Array(graph.entities.length);
  }

  /** The replicas of entities. */
  replicas(numbers: readonly number[]): number[] {
    return numbers.map((number) => this.#entity(number, true));
  }

  replica(number: number): number {
    return this.#entity(number, true);
  }

  links(): number {
    this.#links ??= this.#builder.document(linksPointer, this.#contents.links as Json, 'links', this.#bundle);
    return this.#links;
  }

  /** Stages whatever is no replica. */
  rest(): void {
    for (let number = 0; number < this.#rows.length; number++) this.#entity(number, false);
    for (const [member, contents] of Object.entries(this.#contents)) {
      const pointer = `/${pointerPart(member)}`;
      if (member === documentsMember || (pointer === linksPointer && this.#links !== undefined)) continue;
      this.#builder.document(pointer, contents, null, null);
    }
  }

  #entity(number: number, isReplica: boolean): number {
    const known = this.#rows[number] as number;
    if (known > 0) return known - 1;
    const { key, schema, id, document } = this.#graph.entity(number);
    const pointer = `/${documentsMember}/${pointerPart(key)}`;
    const row = this.#builder.document(pointer, document, isReplica ? schema : null, isReplica ? id : null);
    this.#rows[number] = row + 1;
    return row;
  }
}

/** Joins values in tabular manifests, so no value may hold it (specification, indexing 5). */
const joiner = '||';

/**
 * The text of the staged documents tells quickly whether anything is wrong; only then are values
 * searched for the place.
 *
 * @param bundle its uuid
 * @throws LazuliError `bundle_invalid`
 */
export function refuseJoiner({ rows }: NormalizedBundle, bundle: string): void {
  for (const { table, values } of rows) {
    const { pointer, contents } = values as { pointer: string; contents: string };
    if (table !== documentsTable || !contents.includes(joiner) || !isShown(pointer)) continue;
    const path = joinerIn(JSON.parse(contents) as Json);
    if (path === undefined) continue;
    const [entity, field] = placeOf(pointer, path, bundle);
    const message = `'${field}' holds ||, which separates values in manifests`;
    throw invalid(entity, field, message, 'Write the value without ||.');
  }
}

/** Whether values of a document can get into manifests. */
const isShown = (pointer: string): boolean =>
  pointer === linksPointer || pointer === manifestPointer || pointer.startsWith(`/${documentsMember}/`);

/** Entity and field of a member of a staged document. */
function placeOf(pointer: string, path: readonly string[], bundle: string): [string, string] {
  if (pointer === linksPointer) return [`links/${bundle}`, path.join('.')];
  if (pointer === manifestPointer) return [path[0] ?? '', ['manifest', ...path.slice(1)].join('.')];
  return [nameOfPart(pointer.replace(/^\/metadata\//, '')), path.join('.')];
}

/** Where a string holds the joiner; keys may. */
function joinerIn(contents: Json): readonly string[] | undefined {
  const waiting: { value: Json; path: readonly string[] }[] = [{ value: contents, path: [] }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path } = next;
    if (typeof value === 'string' && value.includes(joiner)) return path;
    if (!Array.isArray(value) && !isObject(value)) continue;
    for (const [name, member] of Object.entries(value)) waiting.push({ value: member, path: [...path, name] });
  }
  return undefined;
}

/** Deep nesting exhausts the stack when a document is printed: that is the bundle's fault. */
export function refuseDepth(cause: unknown): never {
  if (!(cause instanceof RangeError)) throw cause;
  throw new LazuliError('bundle_invalid', 'A document of the bundle is nested too deeply', {
    remedy: 'Remove the nesting: metadata documents are a few levels deep.',
    cause,
  });
}
