import { indexPrefix } from '../config/search-names.ts';
import { type DocumentField, documentFields } from '../plugins/fields.ts';
import type { ColumnType, Document, Json, MetadataPlugin } from '../plugins/metadata.ts';

/**
 * The layout of indices: names, mapping, and the way from an indexed document back to natural JSON.
 * It is derived from a plug-in's declarations; `query` reads what `transform` writes by this file alone.
 *
 * Beside what `Document` declares, an indexed document has members that begin with `_`:
 * - `_nulls`: paths of fields whose value is null, or a list that contains null, somewhere in the
 *   document; fields without any value are not listed: they don't exist in the index
 * - `_truncated`: paths of fields that a limit cut
 * - `_long`: paths of fields that have a text too long for the index: there, but not to be found
 * - `_hash`: 52 bits of the document's content
 * - `_deleted`: true in a tombstone, which has nothing else; read aliases filter tombstones out
 */
export const indexLayoutVersion = 2;

/** Longer values are stored but can't be filtered, sorted or counted (specification, indexing 10). */
export const maxKeywordLength = 256;

/** An index as one of a catalog's generation. Names of catalogs and deployments hold no `_`. */
export interface IndexName {
  readonly deployment: string;
  readonly catalog: string;
  readonly entityType: string;
  readonly generation: number;
}

export const indexName = ({ deployment, catalog, entityType, generation }: IndexName): string =>
  `${readAlias(deployment, catalog, entityType)}_g${generation}`;

/** What the service reads: the live documents of the generation that serves. */
export const readAlias = (deployment: string, catalog: string, entityType: string): string =>
  `${indexPrefix(deployment)}${catalog}_${entityType}`;

/** What the sink writes to; each generation has its own. */
export const writeAlias = (name: IndexName): string => `${indexName(name)}_write`;

export const readAliasFilter = { bool: { must_not: [{ term: { _deleted: true } }] } };

const indexNamePattern = /^lazuli_([a-z][a-z0-9]*)_([a-z][a-z0-9-]*)_([a-z][a-z0-9_]*)_g(\d+)$/;

/** @returns null for an index that isn't Lazuli's */
export function parseIndexName(index: string): IndexName | null {
  const [, deployment, catalog, entityType, generation] = indexNamePattern.exec(index) ?? [];
  if (deployment === undefined || catalog === undefined || entityType === undefined) return null;
  return { deployment, catalog, entityType, generation: Number(generation) };
}

type Property = Readonly<Record<string, unknown>>;

const keyword: Property = { type: 'keyword', ignore_above: maxKeywordLength };
const stored: Property = { type: 'object', enabled: false };

/** Settings and mapping of the index of one entity type; no field is ever guessed. */
export function indexBody(plugin: MetadataPlugin, entityType: string, settings: Property) {
  const roles: Record<string, { properties: Record<string, Property> }> = {};
  for (const field of documentFields(plugin, entityType)) {
    roles[field.role] ??= { properties: {} };
    (roles[field.role] as { properties: Record<string, Property> }).properties[field.name] = property(field);
  }
  const computed = Object.keys(plugin.entityTypes[entityType]?.computed ?? {});
  return {
    settings: { refresh_interval: '1s', number_of_shards: 1, number_of_replicas: 0, ...settings },
    mappings: {
      dynamic: 'strict',
      date_detection: false,
      _meta: { layout: indexLayoutVersion, plugin: plugin.name, pluginVersion: plugin.version },
      properties: {
        entity_id: keyword,
        sources: { properties: { id: keyword, spec: keyword } },
        bundles: { properties: { uuid: keyword, version: keyword } },
        num_contributions: { type: 'long' },
        ...Object.fromEntries(computed.map((name) => [name, { type: 'long' }])),
        contents: { properties: roles },
        _nulls: { type: 'keyword' },
        _truncated: { type: 'keyword' },
        _long: { type: 'keyword' },
        _hash: { type: 'long' },
        _deleted: { type: 'boolean' },
      },
    },
  };
}

function property(field: DocumentField): Property {
  if (field.shownType === 'object') return objectProperty(field);
  if (!field.searchable) return { ...scalar(field.shownType), index: false, doc_values: false };
  if (field.shownType === 'counts') return stored;
  return scalar(field.shownType);
}

function objectProperty({ members, searchable }: DocumentField): Property {
  if (members === undefined || !searchable) return stored;
  const properties = Object.fromEntries(Object.entries(members).map(([name, type]) => [name, scalar(type)]));
  return { type: 'nested', properties };
}

function scalar(type: ColumnType): Property {
  switch (type) {
    case 'int':
      return { type: 'long' };
    case 'float':
      return { type: 'double' };
    case 'bool':
      return { type: 'boolean' };
    case 'range':
      return { type: 'double_range' };
    default:
      return keyword;
  }
}

type Decoder = (value: Json) => Json;

/** @returns a function that turns the source of an indexed document into natural JSON */
export function documentDecoder(
  plugin: MetadataPlugin,
  entityType: string,
): (source: Readonly<Record<string, Json>>) => Document {
  const decoders = new Map<string, Map<string, Decoder>>();
  const add = (role: string, name: string, decode: Decoder) =>
    decoders.set(role, (decoders.get(role) ?? new Map()).set(name, decode));
  for (const { role, name, shownType } of documentFields(plugin, entityType)) {
    if (shownType === 'quantity') add(role, name, decodeQuantity);
    if (shownType === 'range') add(role, name, decodeRange);
  }
  return (source) => {
    const natural = Object.fromEntries(Object.entries(source).filter(([name]) => !name.startsWith('_')));
    return { ...natural, contents: decodeContents(source.contents as Contents, decoders) } as unknown as Document;
  };
}

type Entity = Readonly<Record<string, Json>>;
type Contents = Readonly<Record<string, readonly Entity[]>>;

/** Only what has to be decoded is copied. */
function decodeContents(contents: Contents, decoders: ReadonlyMap<string, ReadonlyMap<string, Decoder>>): Contents {
  const decoded: Record<string, readonly Entity[]> = { ...contents };
  for (const [role, fields] of decoders) {
    const inner = contents[role];
    if (inner !== undefined) decoded[role] = inner.map((entity) => decodeEntity(entity, fields));
  }
  return decoded;
}

function decodeEntity(entity: Entity, decoders: ReadonlyMap<string, Decoder>): Entity {
  const decoded: Record<string, Json> = { ...entity };
  for (const [name, decode] of decoders) {
    const value = entity[name];
    if (value !== undefined) decoded[name] = Array.isArray(value) ? value.map(decode) : decode(value);
  }
  return decoded;
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
