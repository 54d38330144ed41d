import { collapsesToList, type DocumentField, documentFields } from '../../plugins/fields.ts';
import type { Json, MetadataPlugin } from '../../plugins/metadata.ts';
import { holdTexts } from '../texts.ts';
import type { Reduced } from './document.ts';

/** A document as an index gives it. */
export type Indexed = Readonly<Record<string, unknown>>;

/** A reduced document as it must be indexed, but for its `_hash`; numbers as a reader of JSON has them. */
export function indexedForm(plugin: MetadataPlugin, entityType: string, document: Reduced): Indexed {
  const contents: Record<string, Record<string, Json>[]> = { ...document.contents };
  for (const field of documentFields(plugin, entityType)) {
    const encode = encoders[field.shownType];
    if (encode === undefined) continue;
    contents[field.role] = (contents[field.role] ?? []).map((entity) => encoded(field, entity, encode));
  }
  for (const role of Object.keys(contents)) if (!Object.hasOwn(document.contents, role)) delete contents[role];
  const { json, texts } = holdTexts(JSON.stringify({ ...document, contents }));
  const indexed = JSON.parse(json) as Indexed;
  return texts.size === 0 ? indexed : { ...indexed, _texts: Object.fromEntries(texts) };
}

const encoders: Readonly<Partial<Record<DocumentField['shownType'], (value: Json) => Json>>> = {
  quantity: (value) => {
    const { value: amount, unit } = value as { value: string; unit: string | null };
    return unit === null ? amount : `${amount} ${unit}`;
  },
  range: (value) => {
    const [gte, lte] = value as readonly [number | null, number | null];
    return { ...(gte === null ? {} : { gte }), ...(lte === null ? {} : { lte }) };
  },
};

function encoded(field: DocumentField, entity: Record<string, Json>, encode: (value: Json) => Json) {
  const value = entity[field.name];
  if (value === undefined || value === null) return entity;
  const isList = field.shape === 'collapsed' ? collapsesToList(field) : field.list;
  const one = (element: Json): Json => (element === null ? null : encode(element));
  return { ...entity, [field.name]: isList ? (value as readonly Json[]).map(one) : encode(value) };
}
