import { documentFields, showsList } from '../../../core/model/fields.ts';
import type { Document, Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import type { SummaryShape } from '../../../core/model/summary.ts';
import { expedition, herbarium, sheet } from './herbarium.ts';

const { sheets: sheetTable, expeditions: expeditionTable } = herbarium.tables;
const { sheets: sheetRole, expeditions: expeditionRole } = herbarium.roles;
const { pressed: _pressed, ...columns } = sheetTable?.columns ?? {};
const { pressed: _facet, ...uses } = sheetRole?.fields ?? {};

const summary: SummaryShape = {
  ...(herbarium.summary as { readonly [member: string]: SummaryShape }),
  countries: { measure: 'groups', of: 'expeditions', field: 'expeditions.land', members: { land: 'term' } },
  bytes: { measure: 'sum', of: 'sheets', field: 'curators.rank' },
  byTitle: { measure: 'terms', of: 'sheets', field: 'sheets.bytes' },
  drawers: { measure: 'documents', of: 'cabinets' },
};

/**
 * A former version of the herbarium, from which the present one differs in every way in which versions can: fields,
 * roles, computed fields and entity types that were added, removed or renamed; other types, a list in the place of one
 * value, other members of objects, values that were not found by the index.
 */
export const formerHerbarium: MetadataPlugin = {
  ...herbarium,
  version: 1,
  summary,
  tables: {
    sheets: {
      columns: {
        ...columns,
        bytes: { type: 'string' },
        weight: { type: 'float', searchable: false },
        collected: { type: 'string' },
        age: { type: 'quantity' },
        numbers: { type: 'object', list: true, members: { register: 'string' } },
        shelf: { type: 'string' },
      },
    },
    expeditions: { columns: { land: { type: 'string' }, log: expeditionTable?.columns.log ?? { type: 'string' } } },
    curators: { columns: { rank: { type: 'int' } } },
  },
  roles: {
    sheets: {
      tables: { sheets: 'columns' },
      whenEmpty: 'list',
      fields: { ...uses, shelf: { api: 'shelf', facet: true } },
    },
    expeditions: {
      tables: { expeditions: 'columns' },
      whenEmpty: 'list',
      fields: { land: { api: 'country', facet: true }, log: expeditionRole?.fields?.log ?? {} },
    },
    curators: { tables: { curators: 'columns' }, whenEmpty: 'omit', fields: { rank: { api: 'rank', facet: true } } },
  },
  entityTypes: {
    sheets: {
      roles: { sheets: 'single', expeditions: 'collapsed', curators: 'list' },
      ...servedAs('sheets'),
      computed: { page_count: { kind: 'sum', role: 'curators', column: 'rank', api: 'pages' } },
    },
    expeditions: { roles: { sheets: 'collapsed', expeditions: 'single' }, ...servedAs('expeditions'), computed: {} },
    cabinets: { roles: { sheets: 'collapsed' }, computed: {} },
  },
};

/** The version that follows it. */
export const presentHerbarium: MetadataPlugin = { ...herbarium, version: 2 };

function servedAs(type: string) {
  const served = herbarium.entityTypes[type]?.served;
  return served === undefined ? {} : { served };
}

/** Fields that are found in the same way in both versions, and those that are shown in the same way besides. */
const alike: Readonly<Record<string, readonly string[]>> = {
  sheets: ['document_id', 'title', 'altitude', 'habitats', 'maps'],
  expeditions: ['document_id', 'log'],
};
const shownAlike: readonly string[] = ['weight', 'numbers'];

export type Documents = Readonly<Record<string, readonly Document[]>>;
type Inner = Readonly<Record<string, Json>>;

/** Documents of an index of the other version, as filters, facets, sorts and summaries of either version find them. */
export const foundOf = (documents: Documents): Documents =>
  mapped(documents, ({ sheet_count: _1, page_count: _2, contents, ...rest }) => {
    const kept = ['sheets', 'expeditions'].map((role) => {
      return [role, (contents[role] ?? []).map((inner) => only(inner, alike[role] ?? []))] as const;
    });
    return { ...rest, contents: Object.fromEntries(kept) } as Document;
  });

/** The same as `present` of a version must be given them. */
export const shownOf = (plugin: MetadataPlugin, type: string, { contents, ...document }: Document): Document => {
  const { sheet_count: _1, page_count: _2, ...rest } = document;
  const byRole = Map.groupBy(documentFields(plugin, type), ({ role }) => role);
  const shown = [...byRole].map(([role, fields]): [string, readonly Inner[]] => {
    const inners = (contents[role] ?? []).map((inner) => {
      const values = fields.map((field): [string, Json | undefined] => {
        const same = [...(alike[role] ?? []), ...shownAlike].includes(field.name);
        const none = showsList(field) ? (field.shownType === 'object' ? [] : [null]) : null;
        return [field.name, same ? inner[field.name] : none];
      });
      return Object.fromEntries(values.filter((pair): pair is [string, Json] => pair[1] !== undefined));
    });
    return [role, inners];
  });
  const computed = Object.keys(plugin.entityTypes[type]?.computed ?? {}).map((name) => [name, null] as const);
  const visible = shown.filter(([role, inners]) => inners.length > 0 || plugin.roles[role]?.whenEmpty === 'list');
  return { ...rest, ...Object.fromEntries(computed), contents: Object.fromEntries(visible) } as unknown as Document;
};

function mapped(documents: Documents, change: (document: Document) => Document): Documents {
  return Object.fromEntries(Object.entries(documents).map(([type, some]) => [type, some.map(change)]));
}

const only = (inner: Inner, names: readonly string[]): Inner =>
  Object.fromEntries(Object.entries(inner).filter(([name]) => names.includes(name)));

const titles = ['Aster', 'Bellis', null, 'Carex'];
const places = [['bog'], ['heath', null], ['bog', 'meadow']];
const numbers = Array.from({ length: 12 }, (_, i) => i + 1);

/** What both versions say about a sheet. */
const common = (i: number): Inner => ({
  ...(i % 5 === 0 ? {} : { title: titles[i % 4] ?? null }),
  ...(i % 3 === 0 ? {} : { habitats: places[i % 3] ?? [] }),
  altitude: [[i, i + 2]],
  weight: i / 2,
  maps: [{ atlas: i % 2 === 0 ? 'North' : null, page: String(i) }],
});

/** Documents as the former version makes them. */
export const formerDocuments: Documents = {
  sheets: numbers.map((i) => {
    const document = sheet(i, {
      ...common(i),
      ...{ bytes: `${i} bytes`, collected: 'in spring', age: { value: String(i), unit: 'year' }, shelf: `s${i % 2}` },
      numbers: [{ register: `r${i % 2}` }],
    });
    const contents = { ...document.contents, ...(i % 2 === 0 ? { curators: [{ document_id: 'c', rank: i }] } : {}) };
    return { ...document, contents, page_count: i };
  }),
  expeditions: numbers.slice(0, 5).map((i) => expedition(100 + i, { land: i % 2 === 0 ? 'Chile' : null })),
  cabinets: [],
};

/** Documents of the same entities as the present version makes them. */
export const presentDocuments: Documents = {
  sheets: numbers.map((i) => {
    const document = sheet(i, {
      ...common(i),
      ...{ bytes: i, pressed: i % 2 === 0, collected: '2020-01-01T00:00:00.000000Z' },
      ...{ age: [{ value: String(i), unit: null }], numbers: [{ register: 'r', number: String(i % 3) }] },
    });
    return { ...document, sheet_count: i };
  }),
  expeditions: numbers.slice(0, 5).map((i) => expedition(100 + i, { country: i % 2 === 0 ? 'Peru' : null })),
  drawers: [],
};
