import { indexBody } from '../../../core/documents/index-layout.ts';
import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import type { Members } from '../difference.ts';

interface Property {
  readonly type?: string;
  readonly enabled?: boolean;
  readonly properties?: Readonly<Record<string, Property>>;
}

/** What of an indexed document its mapping does not allow: members that it doesn't know, values of other types. */
export function mappingProblems(plugin: MetadataPlugin, entityType: string, source: Members): readonly string[] {
  const { properties } = indexBody(plugin, entityType, {}).mappings;
  return objectProblems({ properties: properties as Record<string, Property> }, source, '');
}

function objectProblems({ properties = {} }: Property, object: Members, path: string): readonly string[] {
  return Object.entries(object).flatMap(([name, value]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const inner = path === '' ? name : `${path}.${name}`;
    if (property === undefined) return [`${inner} is not in the mapping`];
    return (Array.isArray(value) ? value : [value]).flatMap((one) => valueProblems(property, one, inner));
  });
}

function valueProblems(property: Property, value: unknown, path: string): readonly string[] {
  if (value === null) return [];
  if (property.properties !== undefined && isObject(value)) return objectProblems(property, value, path);
  if (property.properties === undefined && fits(property, value)) return [];
  return [`${path} is ${property.type ?? 'object'}, but there is ${JSON.stringify(value)}`];
}

function fits({ type, enabled }: Property, value: unknown): boolean {
  switch (type) {
    case 'keyword':
      return typeof value === 'string' && value.isWellFormed();
    case 'long':
      return Number.isSafeInteger(value);
    case 'double':
      return Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'double_range':
      return isObject(value) && Object.entries(value).every(isBound);
    default:
      return type === 'object' && enabled === false && isObject(value);
  }
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isBound = ([name, bound]: readonly [string, unknown]): boolean =>
  ['gte', 'lte'].includes(name) && Number.isFinite(bound);
