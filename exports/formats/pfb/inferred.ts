import { LazuliError } from '../../../core/config/errors.ts';
import { byCodePoint } from '../../../core/config/text.ts';
import { numberOf } from '../../../core/model/json.ts';
import type { AvroRecord, AvroSchema, Encodable } from './avro.ts';
import { branchOf } from './avro.ts';

/** Fields that a schema may have in all: it is in memory, and every reader has to take it in. */
const maxFields = 100_000;

type Scalar = 'boolean' | 'double' | 'long' | 'null' | 'string';

/** What was seen at one place of JSON values (specification, manifests 8.4). */
export class SeenValues {
  readonly scalars = new Set<Scalar>();
  /** what elements of lists are; undefined where there was no list */
  elements: SeenValues | undefined;
  object: SeenObjects | undefined;
  readonly #count: { fields: number };

  constructor(count = { fields: 0 }) {
    this.#count = count;
  }

  add(value: unknown): void {
    if (Array.isArray(value)) {
      this.elements ??= new SeenValues(this.#count);
      for (const element of value) this.elements.add(element);
      return;
    }
    const scalar = scalarOf(value);
    if (scalar !== undefined) this.scalars.add(scalar);
    else this.#addObject(value as object);
  }

  #addObject(value: object): void {
    this.object ??= { count: 0, fields: new Map() };
    this.object.count++;
    for (const [name, member] of Object.entries(value)) {
      const field = this.object.fields.get(name) ?? this.#newField(this.object, name);
      field.count++;
      field.values.add(member);
    }
  }

  #newField({ fields }: SeenObjects, name: string): SeenField {
    if (++this.#count.fields > maxFields) throw tooMany();
    const field: SeenField = { count: 0, values: new SeenValues(this.#count) };
    fields.set(name, field);
    return field;
  }
}

interface SeenObjects {
  count: number;
  readonly fields: Map<string, SeenField>;
}

interface SeenField {
  count: number;
  readonly values: SeenValues;
}

const tooMany = (): LazuliError =>
  new LazuliError('export_too_large', `The metadata has more than ${maxFields} different fields`, {
    remedy: 'Select fewer files, or export to verbatim.jsonl.',
  });

/** The library takes larger ones for inexact. */
const largestLong = Number.MAX_SAFE_INTEGER - 1;

/** Numbers are what they look like: `1.0` is no whole number. @returns undefined for an object */
function scalarOf(value: unknown): Scalar | undefined {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value as 'string' | 'boolean';
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && Math.abs(value) <= largestLong ? 'long' : 'double';
  return numberOf(value) === undefined ? undefined : 'double';
}

/** A schema, and how values that were seen become what Avro encodes by it. */
export interface Inferred<Schema extends AvroSchema = AvroSchema> {
  readonly schema: Schema;
  encode(value: unknown): Encodable;
}

/** The table of entities of one type. @param names of records so far; no two have the same */
export function inferTable(type: string, { object }: SeenValues, names: Set<string>): Inferred<AvroRecord> {
  return inferRecord(object ?? { count: 0, fields: new Map() }, [type], names);
}

/**
 * A value that is always of one kind is of that type, others are unions, ordered by the names of types.
 *
 * @param nullable whether it may be absent
 */
function infer(seen: SeenValues, nullable: boolean, path: readonly string[], names: Set<string>): Inferred {
  const { scalars, elements, object } = seen;
  const branches = new Map<string, Inferred>();
  for (const scalar of nullable ? new Set([...scalars, 'null' as const]) : scalars)
    branches.set(scalar, { schema: scalar, encode: encodeScalar });
  if (object !== undefined) branches.set('record', inferRecord(object, path, names));
  if (elements !== undefined) branches.set('array', inferArray(elements, path, names));
  return unionOf(branches);
}

function inferArray(elements: SeenValues, path: readonly string[], names: Set<string>): Inferred {
  const { schema, encode } = infer(elements, false, path, names);
  return { schema: { type: 'array', items: schema }, encode: (value) => (value as unknown[]).map(encode) };
}

function inferRecord(
  { count, fields }: SeenObjects,
  path: readonly string[],
  names: Set<string>,
): Inferred<AvroRecord> {
  const name = unused(path.map(plain).join('.'), names);
  const own = new Set<string>();
  const inferred = [...fields]
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([key, field]) => {
      const called = unused(plain(key), own);
      return { key, called, value: infer(field.values, field.count < count, [...path, key], names) };
    });
  const encode = (value: unknown): Encodable => {
    const members = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      inferred.map(({ key, value: { encode } }, i) => [
        `f${i}`,
        Object.hasOwn(members, key) ? encode(members[key]) : encode(null),
      ]),
    );
  };
  const schemas = inferred.map(({ called, value: { schema } }) => ({ namespace: name, name: called, type: schema }));
  return { schema: { type: 'record', name, fields: schemas }, encode };
}

function unionOf(branches: ReadonlyMap<string, Inferred>): Inferred {
  const [only, ...others] = [...branches].sort(([a], [b]) => byCodePoint(a, b));
  if (only !== undefined && others.length === 0) return only[1];
  const schema = only === undefined ? [] : [only, ...others].map(([, one]) => one.schema);
  // The library wants to be told which number is which.
  const wraps = branches.has('long') && branches.has('double');
  const encode = (value: unknown): Encodable => {
    const kind = Array.isArray(value) ? 'array' : (scalarOf(value) ?? 'record');
    const encoded = branches.get(kind)?.encode(value) ?? null;
    return wraps && kind !== 'null' ? { [branchName(branches.get(kind)?.schema, kind)]: encoded } : encoded;
  };
  return { schema, encode };
}

const branchName = (schema: AvroSchema | undefined, kind: string): string =>
  kind === 'record' ? branchOf((schema as AvroRecord).name) : kind;

const encodeScalar = (value: unknown): Encodable => (typeof value === 'object' ? (numberOf(value) ?? null) : value);

/** A name without anything that means something else to readers. */
const plain = (name: string): string => name.replace(/[^A-Za-z0-9_-]/g, '_') || '_';

/** A name that nothing has yet, which it takes. */
function unused(name: string, names: Set<string>): string {
  let free = name;
  for (let n = 2; names.has(free); n++) free = `${name}_${n}`;
  names.add(free);
  return free;
}
