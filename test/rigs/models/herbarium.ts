import type { Document, Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import type { SummaryShape } from '../../../core/model/summary.ts';

const bytes = { measure: 'sum', of: 'sheets', field: 'sheets.bytes' } as const;

/** One measure of every kind. */
const summary: SummaryShape = {
  sheets: { measure: 'documents', of: 'sheets' },
  expeditions: { count: { measure: 'documents', of: 'expeditions' }, nothing: null },
  titles: { measure: 'distinct', of: 'sheets', field: 'sheets.title' },
  habitats: { measure: 'terms', of: 'sheets', field: 'sheets.habitats' },
  countries: {
    measure: 'groups',
    of: 'expeditions',
    field: 'expeditions.country',
    members: { country: 'term', countries: 'term in a list', count: 'documents' },
  },
  bytes: [
    bytes,
    { ...bytes, where: { field: 'sheets.weight', nonZero: true } },
    { ...bytes, where: { field: 'sheets.weight', nonZero: false } },
    { measure: 'sum', of: 'sheets', field: 'sheet_count' },
  ],
  byTitle: {
    measure: 'groups',
    of: 'sheets',
    field: 'sheets.title',
    members: { title: 'term', bytes: { sum: 'sheets.bytes' }, weight: { sum: 'sheets.weight' } },
  },
  drawers: { measure: 'documents', of: 'drawers' },
};

/**
 * A small metadata model that has a field of every type: sheets of pressed plants, shown by source,
 * and the expeditions that brought them, which are public.
 */
export const herbarium: MetadataPlugin = {
  name: 'herbarium',
  version: 1,
  implicitHub: 'expeditions',
  summary,
  tables: {
    sheets: {
      columns: {
        title: { type: 'string' },
        bytes: { type: 'int', aggregate: { kind: 'sum', distinctBy: ['document_id'] } },
        weight: { type: 'float' },
        pressed: { type: 'bool' },
        collected: { type: 'datetime' },
        age: { type: 'quantity', list: true },
        altitude: { type: 'range', list: true },
        habitats: { type: 'string', list: true },
        numbers: { type: 'object', list: true, members: { register: 'string', number: 'string' } },
        maps: { type: 'object', list: true, members: { atlas: 'string', page: 'string' } },
      },
    },
    expeditions: { columns: { country: { type: 'string' }, log: { type: 'string', aggregate: { kind: 'drop' } } } },
  },
  roles: {
    sheets: {
      tables: { sheets: 'columns' },
      whenEmpty: 'list',
      fields: {
        document_id: { api: 'sheetId' },
        title: { api: 'title', facet: true, beside: 'sheetId' },
        bytes: { api: 'bytes' },
        weight: { api: 'weight', facet: true },
        pressed: { api: 'pressed', facet: true },
        collected: { api: 'collected' },
        age: { api: 'age', facet: true },
        altitude: { api: 'altitude' },
        habitats: { api: 'habitat', facet: true },
        numbers: { api: 'numbers' },
        maps: { api: 'maps', facet: true },
      },
    },
    expeditions: {
      tables: { expeditions: 'columns' },
      whenEmpty: 'list',
      fields: { country: { api: 'country', facet: true }, log: { api: 'log', facet: true } },
    },
  },
  entityTypes: {
    sheets: {
      roles: { sheets: 'single', expeditions: 'collapsed' },
      served: { sort: 'title', order: 'asc', maxPage: 50, access: 'by source', showsBundles: true },
      computed: { sheet_count: { kind: 'sum', role: 'sheets', column: 'bytes', api: 'total' } },
    },
    expeditions: {
      roles: { sheets: 'collapsed', expeditions: 'single' },
      served: { sort: 'entryId', order: 'desc', maxPage: 20, access: 'public', showsBundles: false },
      computed: {},
    },
    drawers: { roles: { sheets: 'collapsed' }, computed: {} },
  },
  normalize: () => {
    throw new TypeError('These documents are made, not normalized');
  },
  present: (document, { entityType, catalog, baseUrl }) => ({ entityType, catalog, baseUrl, ...document }),
};

/** An entity id that is a UUID. */
export const idOf = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

type Inner = Readonly<Record<string, Json>>;

/** A document of one sheet; what isn't given is not there. */
export function sheet(number: number, inner: Inner, sources: readonly string[] = ['a']): Document {
  return documentOf(number, { sheets: [{ document_id: idOf(number), ...inner }], expeditions: [] }, sources);
}

/** A document of one expedition. */
export function expedition(number: number, inner: Inner, sources: readonly string[] = ['a']): Document {
  return documentOf(number, { sheets: [], expeditions: [{ document_id: idOf(number), ...inner }] }, sources);
}

function documentOf(number: number, contents: Document['contents'], sources: readonly string[]): Document {
  return {
    entity_id: idOf(number),
    contents,
    sources: sources.map((id) => ({ id, spec: `herbarium:${id}:` })),
    bundles: [{ uuid: idOf(1000 + number), version: '2024-01-01T00:00:00.000000Z' }],
    num_contributions: 1,
  };
}
