import type { createDocument } from 'zod-openapi';

type Document = ReturnType<typeof createDocument>;
type Schema = Readonly<Record<string, unknown>>;
interface Parameter extends Schema {
  readonly schema?: Schema;
}

const json = 'application/json';

/**
 * Describes parameters that are JSON, such as filters, by what the JSON holds (OpenAPI 3.1, 4.8.12.3). It stands there
 * whole, without references: clients find it at `content → application/json → schema → properties` (specification,
 * service-api 3), and do not follow any.
 *
 * @param document one whose schemas of such parameters are texts with a `contentSchema`
 */
export function withJsonParameters(document: Document): Document {
  const named = (document.components?.schemas ?? {}) as Readonly<Record<string, Schema>>;
  const paths = Object.entries(document.paths ?? {}).map(([path, item]) => [path, mapped(item as Schema, named)]);
  return { ...document, paths: Object.fromEntries(paths) };
}

function mapped(item: Schema, named: Readonly<Record<string, Schema>>): Schema {
  const operations = Object.entries(item).map(([method, operation]) => {
    const { parameters } = operation as { parameters?: readonly Parameter[] };
    if (parameters === undefined) return [method, operation];
    return [method, { ...(operation as Schema), parameters: parameters.map((one) => described(one, named)) }];
  });
  return Object.fromEntries(operations);
}

function described(parameter: Parameter, named: Readonly<Record<string, Schema>>): Parameter {
  const { schema, ...others } = parameter;
  if (schema?.contentMediaType !== json) return parameter;
  const content = merged(inline(schema.contentSchema, named) as Schema);
  const otherwise = typeof schema.default === 'string' ? { default: JSON.parse(schema.default) as unknown } : {};
  return { ...others, content: { [json]: { schema: { ...content, ...otherwise } } } };
}

/** With what it refers to in the place of references. Schemas of parameters don't hold themselves. */
function inline(value: unknown, named: Readonly<Record<string, Schema>>): unknown {
  if (Array.isArray(value)) return value.map((one) => inline(one, named));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref } = value as { $ref?: unknown };
  if (typeof $ref === 'string') return inline(named[$ref.split('/').at(-1) ?? ''], named);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inline(member, named)]));
}

/** One of several objects, as one that has the properties of each. */
function merged(schema: Schema): Schema {
  const { anyOf, ...others } = schema as { anyOf?: readonly (Schema & { properties?: Schema })[] };
  if (anyOf === undefined) return schema;
  const found = anyOf.flatMap(({ properties = {} }) => Object.entries(properties));
  const properties = [...Map.groupBy(found, ([name]) => name)].map(([name, same]) => {
    const distinct = [...new Map(same.map(([, property]) => [JSON.stringify(property), property])).values()];
    return [name, distinct.length === 1 ? distinct[0] : { anyOf: distinct }];
  });
  return { ...anyOf[0], ...others, properties: Object.fromEntries(properties) };
}
