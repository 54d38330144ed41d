import { indexPrefix } from '../config/search-names.ts';
import { computedFields } from '../model/computed.ts';
import { type DocumentField, documentFields, hasRest, isText } from '../model/fields.ts';
import type { ColumnType, MetadataPlugin } from '../model/metadata.ts';
import { documentLayout } from './document-layout.ts';

/**
 * The layout of indices: names and mapping. It is derived from a plug-in's declarations; `query` reads what `transform`
 * writes by this file, `document-layout.ts`, `document-decoder.ts`, `texts.ts` and `cuts.ts` alone.
 *
 * Beside what `Document` declares, an indexed document has members that begin with `_`:
 * - `_nulls`: paths of fields whose value is null, or a list that contains null, somewhere in the
 *   document; fields without any value are not listed: they don't exist in the index. Nor are computed ones
 * - `_truncated`: what a limit cut (`cuts.ts`)
 * - `_rest`: values that are found, but not shown: the engine copies each to where the shown ones are
 * - `_texts`: texts that no keyword holds, by the short text that replaces each (`texts.ts`)
 * - `_hash`: 52 bits of the document's content
 * - `_deleted`: true in a tombstone, which has nothing else; read aliases filter tombstones out
 */

/** Longer texts are no terms of a facet, which counts a document that has nothing else as null (specification, indexing 10). */
export const maxTermLength = 256;

/**
 * Where the texts of a field are, of any length, by which it is sorted, and the longer ones found; under its own path are
 * those that facets list. It has doc values only: `search_after` asks an inverted index for its last term, in a time that
 * grows with the square of that term's length, and takes seconds for 32 KB (OpenSearch 2.19).
 */
export const wholeOf = (path: string): string => `${path}.whole`;

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

/** The alias behind which an index serves, when it does. @returns null for an index that isn't Lazuli's */
export function readAliasOf(index: string): string | null {
  const name = parseIndexName(index);
  return name && readAlias(name.deployment, name.catalog, name.entityType);
}

type Property = Readonly<Record<string, unknown>>;

/** Identities are never cut and never left out: what decides who sees a document must be found. */
const identity: Property = { type: 'keyword' };
const keyword: Property = { type: 'keyword', ignore_above: maxTermLength };
const text: Property = { ...keyword, fields: { whole: { type: 'keyword', index: false } } };
const stored: Property = { type: 'object', enabled: false };

/**
 * After how long searches see what was written, where nobody asks for it before: soon while a generation serves or is built,
 * later while it is only kept. Each time costs OpenSearch a third of what the documents of a source take it.
 */
export const refreshIntervals = { serving: '1s', kept: '10s' } as const;

/** Settings and mapping of the index of one entity type; no field is ever guessed. @param settings such as shards */
export function indexBody(plugin: MetadataPlugin, entityType: string, settings: Property) {
  const fields = documentFields(plugin, entityType);
  const rest = fields.filter(hasRest);
  return {
    settings: { refresh_interval: refreshIntervals.serving, ...settings },
    mappings: {
      dynamic: 'strict',
      date_detection: false,
      _meta: documentLayout(plugin, entityType),
      properties: {
        entity_id: identity,
        sources: { properties: { id: identity, spec: identity } },
        bundles: { properties: { uuid: identity, version: identity } },
        num_contributions: { type: 'long' },
        ...Object.fromEntries(computedFields(plugin, entityType).map(({ name, type }) => [name, scalar(type)])),
        contents: roleProperties(fields, property),
        _nulls: { type: 'keyword' },
        _truncated: { properties: { path: { type: 'keyword' }, ...cutNumbers, found: { type: 'boolean' } } },
        _rest: {
          properties: {
            bundles: {
              properties: { uuid: copied(identity, 'bundles.uuid'), version: copied(identity, 'bundles.version') },
            },
            // The engine shows an object without members otherwise than it was made.
            ...(rest.length === 0 ? {} : { contents: roleProperties(rest, restProperty) }),
          },
        },
        _texts: stored,
        _hash: { type: 'long' },
        _deleted: { type: 'boolean' },
      },
    },
  };
}

/** Fields by role. */
function roleProperties(fields: readonly DocumentField[], propertyOf: (field: DocumentField) => Property) {
  const roles = [...Map.groupBy(fields, ({ role }) => role)].map(([role, own]) => {
    const properties = Object.fromEntries(own.map((field) => [field.name, propertyOf(field)]));
    return [role, { properties }] as const;
  });
  return { properties: Object.fromEntries(roles) };
}

const cutNumbers = { shown: { type: 'long' }, total: { type: 'long' } };

/** What is found and sorted by as if it stood at another place. */
const copied = (type: Property, to: string): Property => ({ ...hidden(type), copy_to: [to] });

/** Not found itself. */
const hidden = (type: Property): Property => ({ ...type, index: false, doc_values: false });

/** Ranges can't be copied (OpenSearch 2.19): filters look for them in both places. */
function restProperty({ shownType, path }: DocumentField): Property {
  return shownType === 'range' ? scalar(shownType) : copied(unfound(shownType), path);
}

function property(field: DocumentField): Property {
  if (field.shownType === 'object') return objectProperty(field);
  if (!field.searchable) return hidden(unfound(field.shownType));
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
    case 'datetime':
      return keyword;
    default:
      return text;
  }
}

/** What isn't found needs no second place to be found in. */
const unfound = (type: ColumnType): Property => (isText(type) ? keyword : scalar(type));
