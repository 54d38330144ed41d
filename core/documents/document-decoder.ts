import { isDeepStrictEqual } from 'node:util';
import { type DocumentField, documentFields, showsList } from '../model/fields.ts';
import type { Document, Json, MetadataPlugin } from '../model/metadata.ts';
import { type DocumentLayout, documentLayout, showsAlike } from './document-layout.ts';

type Source = Readonly<Record<string, Json>>;
type Entity = Readonly<Record<string, Json>>;
type Contents = Readonly<Record<string, readonly Entity[]>>;
type Decoder = (value: Json) => Json;

/**
 * @param layout that of the documents; default: as the plug-in declares it
 * @returns a function that turns the source of an indexed document into natural JSON, as the plug-in's `present` takes it:
 *   of another layout, a field that isn't there, or looks otherwise there, is null, and what isn't declared isn't shown
 */
export function documentDecoder(
  plugin: MetadataPlugin,
  entityType: string,
  layout?: DocumentLayout,
): (source: Source) => Document {
  const own = documentLayout(plugin, entityType);
  const contentsOf =
    layout === undefined || isDeepStrictEqual(layout.fields, own.fields)
      ? ownContents(plugin, entityType)
      : otherContents(plugin, entityType, layout, own);
  const computed = Object.keys(plugin.entityTypes[entityType]?.computed ?? {});
  const missing = layout === undefined ? [] : computed.filter((name) => !showsAlike(layout, own, name));
  const foreign = layout === undefined ? [] : foreignMembers(layout, own);
  const nulls = Object.fromEntries(missing.map((name) => [name, null]));
  return (source) => {
    const natural = Object.entries(source).filter(([name]) => !name.startsWith('_') && !foreign.includes(name));
    const texts = source._texts as Readonly<Record<string, string>> | undefined;
    const held = source.contents as Contents;
    const contents = contentsOf(texts === undefined ? held : (wholeTexts(held, texts) as Contents));
    return { ...Object.fromEntries(natural), ...nulls, contents } as unknown as Document;
  };
}

/** Puts texts back for which the index has keys. */
function wholeTexts(value: Json, texts: Readonly<Record<string, string>>): Json {
  if (typeof value === 'string') return Object.hasOwn(texts, value) ? (texts[value] ?? value) : value;
  if (Array.isArray(value)) return value.map((one: Json) => wholeTexts(one, texts));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, wholeTexts(member, texts)]));
}

/** Computed fields of another layout that the plug-in doesn't declare. */
function foreignMembers(layout: DocumentLayout, own: DocumentLayout): readonly string[] {
  return Object.keys(layout.fields).filter((path) => !path.includes('.') && !Object.hasOwn(own.fields, path));
}

/** Only what has to be decoded is copied. */
function ownContents(plugin: MetadataPlugin, entityType: string): (contents: Contents) => Contents {
  const decoders = new Map<string, Map<string, Decoder>>();
  for (const { role, name, shownType } of documentFields(plugin, entityType)) {
    const decode = decoderOf(shownType);
    if (decode !== undefined) decoders.set(role, (decoders.get(role) ?? new Map()).set(name, decode));
  }
  return (contents) => {
    const decoded: Record<string, readonly Entity[]> = { ...contents };
    for (const [role, fields] of decoders) {
      const inner = contents[role];
      if (inner !== undefined) decoded[role] = inner.map((entity) => decodeEntity(entity, fields));
    }
    return decoded;
  };
}

function decodeEntity(entity: Entity, decoders: ReadonlyMap<string, Decoder>): Entity {
  const decoded: Record<string, Json> = { ...entity };
  for (const [name, decode] of decoders) {
    const value = entity[name];
    if (value !== undefined) decoded[name] = eachOf(value, decode);
  }
  return decoded;
}

const eachOf = (value: Json, decode: Decoder): Json => (Array.isArray(value) ? value.map(decode) : decode(value));

/** A field of a role, as it is taken from an entity of another layout; undefined: not there. */
type Taken = readonly [name: string, take: (value: Json | undefined) => Json | undefined];

/** Each role that is declared now, field by field. */
function otherContents(
  plugin: MetadataPlugin,
  entityType: string,
  layout: DocumentLayout,
  own: DocumentLayout,
): (contents: Contents) => Contents {
  const byRole = Map.groupBy(documentFields(plugin, entityType), ({ role }) => role);
  const roles = [...byRole].map(([role, fields]) => {
    const known = fields.some(({ path }) => showsAlike(layout, own, path));
    return { role, known, omits: plugin.roles[role]?.whenEmpty === 'omit', fields: fields.map(takenFrom(layout, own)) };
  });
  return (contents) => {
    const shown = roles.flatMap(({ role, known, omits, fields }): [string, readonly Entity[]][] => {
      const entities = known ? (contents[role] ?? []) : [];
      return omits && entities.length === 0 ? [] : [[role, entities.map((entity) => entityOf(entity, fields))]];
    });
    return Object.fromEntries(shown);
  };
}

function entityOf(entity: Entity, fields: readonly Taken[]): Entity {
  const taken = fields.map(([name, take]) => [name, take(entity[name])] as const);
  return Object.fromEntries(taken.filter((member): member is [string, Json] => member[1] !== undefined));
}

function takenFrom(layout: DocumentLayout, own: DocumentLayout): (field: DocumentField) => Taken {
  return (field) => {
    const decode = decoderOf(field.shownType);
    if (!showsAlike(layout, own, field.path)) return [field.name, () => nothing(field)];
    if (decode === undefined) return [field.name, (value) => value];
    return [field.name, (value) => (value === undefined ? value : eachOf(value, decode))];
  };
}

/** As documents show a field that is null in every row; nothing where a row needn't have it (aggregation.md). */
function nothing(field: DocumentField): Json | undefined {
  if (field.optional) return undefined;
  if (!showsList(field)) return null;
  return field.shownType === 'object' ? [] : [null];
}

function decoderOf(shownType: DocumentField['shownType']): Decoder | undefined {
  if (shownType === 'quantity') return decodeQuantity;
  return shownType === 'range' ? decodeRange : undefined;
}

/** `"38 year"` is a value with a unit, `"38"` a value without one. */
const decodeQuantity: Decoder = (value) => {
  if (typeof value !== 'string') return value;
  const [amount, unit] = value.split(' ');
  return { value: amount ?? value, unit: unit ?? null };
};

/** A bound that is missing is open. */
const decodeRange: Decoder = (value) => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const { gte, lte } = value as { gte?: number; lte?: number };
  return [gte ?? null, lte ?? null];
};
