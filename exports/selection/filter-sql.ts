import { type DocumentColumn, documentColumns } from '../../core/documents/document-columns.ts';
import type { Filter, Scalar } from '../../core/documents/filter.ts';
import { maxTermLength, wholeOf } from '../../core/documents/index-layout.ts';
import { name, text, texts } from '../../core/duckdb/sql.ts';
import { isText } from '../../core/model/fields.ts';
import type { ColumnType, MetadataPlugin } from '../../core/model/metadata.ts';

/** Where a condition looks: a column, or a member of an object inside of one. */
interface Place {
  /** SQL of the list of values, or of the only one */
  readonly sql: string;
  readonly list: boolean;
  readonly type: ColumnType;
  /** what objects in it have */
  readonly members: Readonly<Record<string, ColumnType>>;
}

type Places = (path: string) => Place;

/**
 * Translates a filter to a condition on rows of documents, true or false and never null. It selects what the search engine
 * finds by the same filter.
 *
 * @throws TypeError for a path that documents of the type don't have: the filter was made for others
 */
export function filterSql(plugin: MetadataPlugin, entityType: string, filter: Filter): string {
  return toSql(filter, placesOf(documentColumns(plugin, entityType)));
}

function toSql(filter: Filter, places: Places): string {
  switch (filter.kind) {
    case 'all':
      return joined(
        filter.of.map((one) => toSql(one, places)),
        'AND',
        'true',
      );
    case 'any':
      return joined(
        filter.of.map((one) => toSql(one, places)),
        'OR',
        'false',
      );
    case 'not':
      return `NOT ${toSql(filter.of, places)}`;
    case 'terms':
      return terms(places(filter.path), filter.values);
    case 'null':
      return isNull(places(filter.path));
    case 'absent':
      return `NOT ${some(places(filter.path), (v, { type }) => isListed(v, type))}`;
    case 'between':
      return some(places(filter.path), (v) => between(v, filter.low, filter.high));
    case 'within':
    case 'contains':
    case 'intersects':
      return some(places(filter.path), (v) => relation(v, filter));
    case 'nested':
      return nested(places(filter.path), filter.path, filter.of);
    case 'only':
      return only(places(filter.path), filter.values);
  }
}

function joined(conditions: readonly string[], by: 'AND' | 'OR', none: string): string {
  return conditions.length === 0 ? none : `(${conditions.join(` ${by} `)})`;
}

/** Whether one of the values meets a condition; null meets none. */
function some(place: Place, condition: (value: string, place: Place) => string): string {
  if (!place.list) return `coalesce(${condition(place.sql, place)}, false)`;
  return `coalesce(len(list_filter(${place.sql}, lambda v: ${condition('v', place)})) > 0, false)`;
}

function terms(place: Place, values: readonly Scalar[]): string {
  const wanted = values.flatMap((value) => literal(value, place.type) ?? []);
  if (wanted.length === 0) return 'false';
  const list = `[${wanted.join(', ')}]`;
  return `coalesce(${place.list ? `list_has_any(${place.sql}, ${list})` : `list_contains(${list}, ${place.sql})`}, false)`;
}

/** @returns undefined for a value that no value of the type is equal to */
function literal(value: Scalar, type: ColumnType): string | undefined {
  switch (type) {
    case 'int':
      return Number.isInteger(value) ? `${BigInt(value as number)}::BIGINT` : undefined;
    case 'float':
      return typeof value === 'number' ? `${value}::DOUBLE` : undefined;
    case 'bool':
      return typeof value === 'boolean' ? String(value) : undefined;
    default:
      return typeof value === 'string' ? text(value) : undefined;
  }
}

/** As facets count null: there is none, or a null, or nothing that a facet lists. */
function isNull(place: Place): string {
  const listed = some(place, (v, { type }) => isListed(v, type));
  return place.list
    ? `(NOT ${listed} OR coalesce(len(list_filter(${place.sql}, lambda v: v IS NULL)) > 0, false))`
    : `NOT ${listed}`;
}

/** Texts beyond a length, in UTF-16 units, are no terms of a facet. */
function isListed(value: string, type: ColumnType): string {
  if (!isText(type)) return `${value} IS NOT NULL`;
  return `(length(${value}) + len(regexp_extract_all(${value}, '[\\x{10000}-\\x{10FFFF}]')) <= ${maxTermLength})`;
}

function between(value: string, low: Scalar | null, high: Scalar | null): string {
  const ends = [
    ...(low === null ? [] : [`${value} >= ${end(low)}`]),
    ...(high === null ? [] : [`${value} <= ${end(high)}`]),
  ];
  return ends.length === 0 ? `${value} IS NOT NULL` : `(${ends.join(' AND ')})`;
}

const end = (value: Scalar): string => (typeof value === 'string' ? text(value) : String(value));

/** A side of a range that is missing is open. */
function relation(
  value: string,
  { kind, low, high }: Extract<Filter, { readonly low: unknown; readonly kind: 'within' | 'contains' | 'intersects' }>,
): string {
  const [from, to] = [`coalesce(${value}.gte, '-infinity'::DOUBLE)`, `coalesce(${value}.lte, 'infinity'::DOUBLE)`];
  const [least, most] = [
    low === null ? `'-infinity'::DOUBLE` : String(low),
    high === null ? `'infinity'::DOUBLE` : String(high),
  ];
  const holds = {
    within: `${from} >= ${least} AND ${to} <= ${most}`,
    contains: `${from} <= ${least} AND ${to} >= ${most}`,
    intersects: `${from} <= ${most} AND ${to} >= ${least}`,
  }[kind];
  return `(${value} IS NOT NULL AND ${holds})`;
}

function nested(place: Place, path: string, filter: Filter): string {
  const inside: Places = (member) => {
    const own = Object.entries(place.members).find(([known]) => isPathOf(member, `${path}.${known}`));
    if (own === undefined) throw unknown(member);
    return { sql: `o.${name(own[0])}`, list: false, type: own[1], members: {} };
  };
  return `coalesce(len(list_filter(${place.sql}, lambda o: o IS NOT NULL AND ${toSql(filter, inside)})) > 0, false)`;
}

/** The field has values, and all are among these. */
function only({ sql }: Place, values: readonly string[]): string {
  return `coalesce(len(${sql}) > 0 AND list_has_all(${texts(values)}::VARCHAR[], ${sql}), false)`;
}

const identities: Readonly<Record<string, string>> = {
  'sources.id': 'source_ids',
  'sources.spec': 'source_specs',
  'bundles.uuid': 'bundle_uuids',
  'bundles.version': 'bundle_versions',
};

function placesOf(columns: readonly DocumentColumn[]): Places {
  const known = new Map<string, Place>([['entity_id', { sql: 'entity_id', list: false, type: 'string', members: {} }]]);
  for (const [path, sql] of Object.entries(identities))
    known.set(path, { sql, list: true, type: 'string', members: {} });
  for (const { path, name: column, list, type, field } of columns) {
    const place = { sql: name(column), list, type, members: field?.members ?? {} };
    known.set(path, place).set(wholeOf(path), place);
  }
  return (path) => {
    const place = known.get(path);
    if (place === undefined) throw unknown(path);
    return place;
  };
}

const isPathOf = (path: string, of: string): boolean => path === of || path === wholeOf(of);

const unknown = (path: string): TypeError => new TypeError(`Documents have no column for ${path}`);
