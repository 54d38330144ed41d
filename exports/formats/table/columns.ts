import { type DocumentColumn, documentColumns } from '../../../core/documents/document-columns.ts';
import { name, text } from '../../../core/duckdb/sql.ts';
import { collapsesToList, type DocumentField, isText } from '../../../core/model/fields.ts';
import type { EnvelopePath, FileShape, ManifestShape } from '../../../core/model/manifests.ts';
import type { ColumnType } from '../../../core/model/metadata.ts';
import { type FormatJob, shapeOf } from '../format.ts';

/** A column of a table of files. */
export interface TableColumn {
  readonly header: string;
  readonly of: 'envelope' | 'file' | 'surroundings';
  readonly type: ColumnType;
  readonly list: boolean;
  /** whether a null in its list is a value, that of a scalar, and not the lack of values */
  readonly holdsNull: boolean;
  /** whether its list is distinct and in the order of texts, null last, as documents have it */
  readonly isSorted: boolean;
  /** of ranges: SQL of text that stands behind each of them; null where there is none */
  readonly unit: string | null;
  /** SQL of the value in `selected` */
  readonly sql: string;
  /** SQL of the value in an object `f` of a related file; as `sql` where that is not about the file */
  readonly related: string;
}

/** Where `selected` has what every document has. */
export const envelopeColumns: Readonly<Record<EnvelopePath, string>> = {
  'sources.id': 'source_ids',
  'sources.spec': 'source_specs',
  'bundles.uuid': 'bundle_uuids',
  'bundles.version': 'bundle_versions',
};

/** All columns of tables: the envelope's, then fields in the order of roles and of what is declared of their fields (specification, manifests 4.3). */
export function tableColumns({ selection, baseUrl, catalog }: FormatJob): readonly TableColumn[] {
  const shape = shapeOf(selection);
  const envelope = Object.entries(shape.envelope).map(([path, header]) => envelopeColumn(header, path as EnvelopePath));
  const known = new Map(documentColumns(selection.plugin, shape.entityType).map((column) => [column.name, column]));
  const places = Object.entries(selection.plugin.roles).flatMap(([role, { fields = {}, groupBy }]) =>
    Object.keys(fields).map((field) => ({ place: `${role}.${field}`, groupBy })),
  );
  const fields = places.flatMap(({ place, groupBy }) => {
    const own = fieldColumn(known.get(place), {
      fileRole: shape.file.role,
      groupBy,
      unit: known.get(shape.units?.[place] ?? ''),
    });
    if (own === null) return [];
    const isLocation = place === `${shape.file.role}.${shape.file.location}`;
    return isLocation ? [own, urlColumn(shape.file, `${baseUrl}/repository/files/`, catalog)] : [own];
  });
  return [...envelope, ...fields];
}

/** @returns null for a field that no table has */
function fieldColumn(column: DocumentColumn | undefined, { fileRole, groupBy, unit }: Around): TableColumn | null {
  const field = column?.field;
  const header = field?.use.manifest;
  if (column === undefined || field == null || header === undefined) return null;
  const { type, list } = column;
  const sql = name(column.name);
  const isFile = field.role === fileRole;
  return {
    header,
    of: isFile ? 'file' : 'surroundings',
    type,
    list,
    holdsNull: list && field.shape === 'collapsed' && !collapsesToList(field),
    isSorted: isSortedSet(field, groupBy),
    unit: unit === undefined ? null : unitSql(unit),
    sql,
    related: isFile ? relatedValue(field.name, type, list) : sql,
  };
}

/** What decides how a field is shown beside itself. */
interface Around {
  readonly fileRole: string;
  /** of its role */
  readonly groupBy: readonly string[] | undefined;
  /** the field that has its unit */
  readonly unit: DocumentColumn | undefined;
}

/** A unit that all values of a document have is shown behind each of them: which of several is whose nobody knows. */
function unitSql({ name: column, list }: DocumentColumn): string {
  const only = list ? `CASE WHEN len(${name(column)}) = 1 THEN ${name(column)}[1] END` : name(column);
  return `coalesce(' ' || nullif(${only}, ''), '')`;
}

/** Of several groups each has its own. */
const isSortedSet = ({ shape, aggregate, shownType }: DocumentField, groupBy: Around['groupBy']): boolean =>
  shape === 'collapsed' &&
  aggregate.kind === 'set' &&
  groupBy === undefined &&
  (isText(shownType) || shownType === 'datetime');

function envelopeColumn(header: string, path: EnvelopePath): TableColumn {
  const sql = envelopeColumns[path];
  return {
    header,
    of: 'envelope',
    type: 'string',
    list: true,
    holdsNull: false,
    isSorted: false,
    unit: null,
    sql,
    related: sql,
  };
}

function urlColumn({ role, uuid, version, location, url }: FileShape, base: string, catalog: string): TableColumn {
  const urlOf = (value: (field: string) => string): string =>
    `CASE WHEN ${value(location)} IS NOT NULL THEN concat(${text(base)}, ${value(uuid)},
      ${text(`?catalog=${encodeURIComponent(catalog)}&version=`)}, url_encode(${value(version)})) END`;
  return {
    header: url,
    of: 'file',
    type: 'string',
    list: false,
    holdsNull: false,
    isSorted: false,
    unit: null,
    sql: urlOf((field) => name(`${role}.${field}`)),
    related: urlOf((field) => relatedValue(field, 'string', false)),
  };
}

const sqlTypes: Readonly<Partial<Record<ColumnType, string>>> = { int: 'BIGINT', float: 'DOUBLE', bool: 'BOOLEAN' };

/** A field of the object `f` of a related file. */
export function relatedValue(field: string, type: ColumnType, list: boolean): string {
  const value = `(f->>${text(field)})`;
  const sqlType = sqlTypes[type];
  if (list) return `from_json(f->${text(field)}, ${text(JSON.stringify([sqlType ?? 'VARCHAR']))})`;
  return sqlType === undefined ? value : `${value}::${sqlType}`;
}

/** Where `selected` has the related files of a document: a list of objects. */
export const relatedOf = ({ file: { role, related } }: ManifestShape): string | null =>
  related === undefined ? null : name(`${role}.${related}`);
