import { documentFields } from '../../plugins/fields.ts';
import type { Document, Json, MetadataPlugin } from '../../plugins/metadata.ts';
import { maxKeywordLength } from '../../transform/index-layout.ts';

type Inner = Readonly<Record<string, Json>>;

/** The inverse of the index layout's decoder: a natural document as the sink would write it. */
export function indexForm(plugin: MetadataPlugin, entityType: string, document: Document): Record<string, unknown> {
  const fields = documentFields(plugin, entityType);
  const types = new Map(fields.map((field) => [`${field.role}.${field.name}`, field.shownType]));
  const nulls = new Set<string>();
  const longs = new Set<string>();
  const contents = Object.entries(document.contents).map(([role, entities]) => {
    const inners = entities.map((inner) => encoded(role, inner, types));
    for (const { path, name } of fields.filter((field) => field.role === role)) {
      if (inners.some((inner) => holdsNull(inner[name]))) nulls.add(path);
      if (inners.some((inner) => holdsLong(inner[name]))) longs.add(path);
    }
    return [role, inners];
  });
  return { ...document, contents: Object.fromEntries(contents), _nulls: [...nulls], _long: [...longs], _hash: 0 };
}

function encoded(role: string, inner: Inner, types: ReadonlyMap<string, string>): Inner {
  const members = Object.entries(inner).map(([name, value]) => {
    const type = types.get(`${role}.${name}`);
    if (type === 'quantity') return [name, listwise(value, quantity, isQuantity)];
    return [name, type === 'range' ? listwise(value, range, isRange) : value];
  });
  return Object.fromEntries(members);
}

function listwise(value: Json | undefined, encode: (value: Json) => Json, isOne: (value: Json) => boolean): Json {
  if (value === undefined || value === null) return null;
  return Array.isArray(value) && !isOne(value)
    ? value.map((one: Json) => (one === null ? null : encode(one)))
    : encode(value);
}

const isQuantity = (value: Json): boolean => !Array.isArray(value);
const isRange = (value: Json): boolean =>
  Array.isArray(value) && value.length === 2 && !value.some(Array.isArray) && value.some(Number.isFinite);

function quantity(value: Json): Json {
  const { value: amount, unit } = value as { value: string; unit: string | null };
  return unit === null ? amount : `${amount} ${unit}`;
}

function range(value: Json): Json {
  const [gte, lte] = value as [number | null, number | null];
  return { ...(gte === null ? {} : { gte }), ...(lte === null ? {} : { lte }) };
}

function holdsNull(value: Json | undefined): boolean {
  if (value === null) return true;
  if (value === undefined || typeof value !== 'object') return false;
  return (Array.isArray(value) ? value : Object.values(value)).some(holdsNull);
}

function holdsLong(value: Json | undefined): boolean {
  if (typeof value === 'string') return value.length > maxKeywordLength;
  return Array.isArray(value) && value.some(holdsLong);
}
