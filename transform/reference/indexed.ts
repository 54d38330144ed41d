import type { Cut } from '../../core/documents/cuts.ts';
import { holdTexts } from '../../core/documents/texts.ts';
import { type DocumentField, documentFields, showsList } from '../../core/model/fields.ts';
import type { Json, MetadataPlugin } from '../../core/model/metadata.ts';
import type { Roles } from './contents.ts';
import type { Reduced } from './document.ts';
import { quantityText } from './elements.ts';

/** A document as an index gives it. */
export type Indexed = Readonly<Record<string, unknown>>;

/** A reduced document as it must be indexed, but for its `_hash`; numbers as a reader of JSON has them. */
export function indexedForm(plugin: MetadataPlugin, entityType: string, document: Reduced): Indexed {
  const fields = documentFields(plugin, entityType);
  const { _rest: rest, ...shown } = document;
  const { json, texts } = holdTexts(JSON.stringify({ ...shown, contents: encodedRoles(fields, document.contents) }));
  return {
    ...(JSON.parse(json) as Indexed),
    ...(texts.size === 0 ? {} : { _texts: Object.fromEntries(texts) }),
    ...(rest === undefined ? {} : { _rest: indexedRest(fields, rest) }),
  };
}

/** Nobody is shown its texts: keys do. */
function indexedRest(fields: readonly DocumentField[], { contents, ...rest }: NonNullable<Reduced['_rest']>): Indexed {
  const encodedRest = contents === undefined ? rest : { ...rest, contents: encodedRoles(fields, contents) };
  return JSON.parse(holdTexts(JSON.stringify(encodedRest)).json) as Indexed;
}

/** The same document where its rest would make it too large. */
export function withoutRest({ _rest, ...document }: Indexed): Indexed {
  const cuts = (document._truncated ?? []) as readonly Cut[];
  return { ...document, _truncated: cuts.map((cut) => ({ ...cut, found: false })) };
}

function encodedRoles(fields: readonly DocumentField[], roles: Roles): Roles {
  const encodedRole = ([role, entities]: [string, Roles[string]]): [string, Roles[string]] => {
    const own = fields.filter((field) => field.role === role);
    return [role, entities.map((entity) => own.reduce(encoded, entity))];
  };
  return Object.fromEntries(Object.entries(roles).map(encodedRole));
}

const encoders: Readonly<Partial<Record<DocumentField['shownType'], (value: Json) => Json>>> = {
  quantity: quantityText,
  range: (value) => {
    const [gte, lte] = value as readonly [number | null, number | null];
    return { ...(gte === null ? {} : { gte }), ...(lte === null ? {} : { lte }) };
  },
};

function encoded(entity: Record<string, Json>, field: DocumentField): Record<string, Json> {
  const value = entity[field.name];
  const encode = encoders[field.shownType];
  if (encode === undefined || value === undefined || value === null) return entity;
  const one = (element: Json): Json => (element === null ? null : encode(element));
  return { ...entity, [field.name]: showsList(field) ? (value as readonly Json[]).map(one) : encode(value) };
}
