import * as fc from 'fast-check';
import { anyTextOrHalf } from '../texts.ts';

/** A schema of an OpenAPI document, as far as values are made for it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema | false;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly contentSchema?: Schema;
}

/** Finds the schema that a `$ref` names. */
export type Resolve = (reference: string) => Schema;

/** Values that fit a schema, or nearly so: bounds of numbers are not kept. */
export function valuesOf(schema: Schema, resolve: Resolve): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valuesOf(resolve(schema.$ref), resolve);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((option) => valuesOf(option, resolve)));
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['null']);
  return fc.oneof(...types.map((type) => valuesOfType(type, schema, resolve)));
}

function valuesOfType(type: string, schema: Schema, resolve: Resolve): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return texts(schema, resolve);
    case 'integer':
      return fc.integer({ min: -1, max: 60 });
    case 'number':
      return fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    case 'boolean':
      return fc.boolean();
    case 'array':
      return lists(schema, resolve);
    case 'object':
      return objects(schema, resolve);
    default:
      return fc.constant(null);
  }
}

function texts({ pattern, contentSchema }: Schema, resolve: Resolve): fc.Arbitrary<string> {
  if (contentSchema !== undefined) return valuesOf(contentSchema, resolve).map((value) => JSON.stringify(value));
  return pattern === undefined ? anyTextOrHalf(40) : fc.stringMatching(new RegExp(pattern));
}

function lists({ items, prefixItems }: Schema, resolve: Resolve): fc.Arbitrary<unknown> {
  if (prefixItems !== undefined) return fc.tuple(...prefixItems.map((item) => valuesOf(item, resolve)));
  return fc.array(items ? valuesOf(items, resolve) : fc.constant(null), { maxLength: 4 });
}

/** Few members at a time: most schemas have many that are optional. */
function objects({ properties = {}, required = [] }: Schema, resolve: Resolve): fc.Arbitrary<unknown> {
  const members = Object.entries(properties);
  const must = Object.fromEntries(members.filter(([name]) => required.includes(name)).map(valued));
  const may = members.filter(([name]) => !required.includes(name)).map(valued);
  const some = fc.subarray(may, { maxLength: Math.min(3, may.length) });
  return fc
    .tuple(
      fc.record(must),
      some.chain((chosen) => fc.record(Object.fromEntries(chosen))),
    )
    .map(([always, sometimes]) => ({ ...always, ...sometimes }));

  function valued([name, schema]: readonly [string, Schema]): [string, fc.Arbitrary<unknown>] {
    return [name, valuesOf(schema, resolve)];
  }
}
