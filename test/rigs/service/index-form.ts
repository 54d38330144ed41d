import { holdTexts } from '../../../core/documents/texts.ts';
import { documentFields } from '../../../core/model/fields.ts';
import type { Document, Json, MetadataPlugin } from '../../../core/model/metadata.ts';

type Inner = Readonly<Record<string, Json>>;

/** The inverse of the index layout's decoder: a natural document as the sink would write it. */
export function indexForm(plugin: MetadataPlugin, entityType: string, document: Document): Record<string, unknown> {
  const fields = documentFields(plugin, entityType);
  const types = new Map(fields.map((field) => [`${field.role}.${field.name}`, field.shownType]));
  const nulls = new Set<string>();
  const contents = Object.entries(document.contents).map(([role, entities]) => {
    const inners = entities.map((inner) => encoded(role, inner, types));
    for (const { path, name } of fields.filter((field) => field.role === role)) {
      if (inners.some((inner) => holdsNull(inner[name]))) nulls.add(path);
    }
    return [role, inners];
  });
  const { json, texts } = holdTexts(JSON.stringify(Object.fromEntries(contents)));
  const held = texts.size === 0 ? {} : { _texts: Object.fromEntries(texts) };
  return { ...document, contents: JSON.parse(json), _nulls: [...nulls], ...held, _hash: 0 };
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
