import { all, type Filter } from '../../core/documents/filter.ts';
import type { FileShape } from '../../core/model/manifests.ts';
import type { Document, Json } from '../../core/model/metadata.ts';
import type { DataFile } from '../../core/model/repository.ts';
import { type AccessibleSources, visibleTo } from '../access.ts';
import type { Catalog } from '../catalogs.ts';
import type { Searching } from '../deps.ts';
import { entityIdPath } from '../fields/envelope.ts';
import type { Query } from '../filter/opensearch.ts';
import { liveQuery, preferenceOf } from '../search/plan.ts';

/** A file that somebody asks for. */
export interface WantedFile {
  readonly uuid: string;
  /** undefined: the newest one */
  readonly version: string | undefined;
}

/** One without a document of its own, which is downloaded along with another file, in whose folder it is. */
export interface RelatedFile {
  readonly uuid: string;
  readonly version: string;
  readonly name: string;
}

/** A file as its document tells. */
export interface FoundFile extends DataFile {
  /** in hexadecimal digits, by names such as `sha-256` */
  readonly checksums: Readonly<Record<string, string>>;
}

/** A bundle with all its files. */
export interface FoundBundle {
  readonly version: string | null;
  readonly files: readonly FoundFile[];
  /** it has more files than that */
  readonly isCut: boolean;
}

/** Folders in which somebody looks for a file that a related one belongs to. */
const maxFolders = 8;
/** Documents whose related files are looked through; files of one checksum that are listed. */
const maxRelating = 100;
export const maxListed = 100;
/** of a bundle: so many hits the search engine gives at once */
const maxFiles = 10_000;

/**
 * The file, or the newest version of it by the order of versions, among those of sources that the caller may see.
 *
 * @throws LazuliError `not_found` where there is no index yet, `overloaded`, `unavailable`, `layout_unknown`
 */
export async function findFile(
  deps: Searching,
  catalog: Catalog,
  sources: AccessibleSources,
  { uuid, version }: WantedFile,
): Promise<FoundFile | null> {
  const found = await search(deps, catalog, sources, ({ shape, path }) => ({
    conditions: [
      terms(path(shape.uuid), uuid),
      ...(version === undefined ? [] : [terms(path(shape.version), version)]),
    ],
    sort: [{ [path(shape.version)]: { order: 'desc' } }],
    size: 1,
  }));
  return found.flatMap(({ shape, fields }) => dataFile(shape, fields))[0] ?? null;
}

/**
 * A file that another one's document names.
 *
 * @throws as `findFile`
 */
export async function findRelated(
  deps: Searching,
  catalog: Catalog,
  sources: AccessibleSources,
  { uuid, version, name }: RelatedFile,
): Promise<FoundFile | null> {
  for (const folder of foldersOf(name)) {
    const found = await search(deps, catalog, sources, ({ shape, path }) => ({
      // `0` comes after `/`, so these are the names that begin with the folder.
      conditions: [{ kind: 'between', path: path(shape.name), low: `${folder}/`, high: `${folder}0` }],
      sort: [],
      size: maxRelating,
    }));
    const files = found.flatMap(({ shape, fields }) =>
      shape.related === undefined ? [] : listOf(fields[shape.related]).flatMap((one) => dataFile(shape, one)),
    );
    const file = files.find((one) => one.uuid === uuid && one.version === version);
    if (file !== undefined) return file;
  }
  return null;
}

/** The folders that a file is in, the innermost first: that has the fewest files. */
function foldersOf(name: string): readonly string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('/')).slice(0, maxFolders);
}

/**
 * Files of which a checksum is so, by their names; undefined where the catalog has no such checksums.
 *
 * @throws as `findFile`
 */
export async function findByChecksum(
  deps: Searching,
  catalog: Catalog,
  sources: AccessibleSources,
  { type, checksum }: { readonly type: string; readonly checksum: string },
): Promise<readonly FoundFile[] | undefined> {
  const field = catalog.plugin.manifests?.file.checksums?.[type];
  if (field === undefined) return undefined;
  const found = await search(deps, catalog, sources, ({ shape, path }) => ({
    // Repositories write digits in either case.
    conditions: [terms(path(field), checksum, checksum.toUpperCase())],
    sort: [{ [path(shape.name)]: { order: 'asc' } }],
    size: maxListed,
  }));
  return found.flatMap(({ shape, fields }) => dataFile(shape, fields));
}

/**
 * The files of a bundle, by their names.
 *
 * @returns null where there is no such bundle, or the caller may see none of its files
 * @throws as `findFile`
 */
export async function findBundle(
  deps: Searching,
  catalog: Catalog,
  sources: AccessibleSources,
  uuid: string,
): Promise<FoundBundle | null> {
  const found = await search(deps, catalog, sources, ({ shape, path }) => ({
    conditions: [terms('bundles.uuid', uuid)],
    sort: [{ [path(shape.name)]: { order: 'asc' } }],
    size: maxFiles,
  }));
  const files = found.flatMap(({ shape, fields }) => dataFile(shape, fields));
  if (files.length === 0) return null;
  // A document shows some of its bundles only; each has the newest version that there is.
  const named = found.flatMap(({ bundles }) => bundles).find((bundle) => bundle.uuid === uuid);
  return { version: named?.version ?? null, files, isCut: found.length === maxFiles };
}

type Fields = Readonly<Record<string, Json>>;

interface Files {
  readonly shape: FileShape;
  /** where documents have a field of the file */
  readonly path: (field: string) => string;
}

interface FileSearch {
  readonly conditions: readonly Filter[];
  /** ids break ties */
  readonly sort: readonly Query[];
  readonly size: number;
}

interface FileHit {
  readonly shape: FileShape;
  readonly fields: Fields;
  readonly bundles: Document['bundles'];
}

/** Nothing is found where the catalog's plug-in declares no files, or the index that serves lacks what names them. */
async function search(
  { engine, serving, signal }: Searching,
  catalog: Catalog,
  sources: AccessibleSources,
  of: (files: Files) => FileSearch,
): Promise<readonly FileHit[]> {
  const shape = catalog.plugin.manifests?.file;
  const entity = catalog.indexed.get(catalog.plugin.manifests?.entityType ?? '');
  if (shape === undefined || entity === undefined) return [];
  const path = (field: string): string => `contents.${shape.role}.${field}`;
  const visible = visibleTo(sources);
  return serving.with(signal, catalog, entity, async ({ index, entity: read }) => {
    if (![shape.uuid, shape.version, shape.name].every((field) => read.has(path(field)))) return [];
    const { conditions, sort, size } = of({ shape, path });
    const filter = all([visible, ...conditions]);
    const body = {
      ...{ size, query: liveQuery(filter), track_total_hits: true as const },
      sort: [...sort, { [entityIdPath]: { order: 'asc' } }],
      _source: [`contents.${shape.role}`, 'bundles', '_texts'],
    };
    const preference = preferenceOf({ clauses: [], access: { always: filter, own: [], visible } });
    const [found] = await engine.search([{ index: index.name, preference, body }], signal);
    return (found?.hits ?? []).flatMap(({ source }) => {
      const { contents, bundles } = read.decode(source);
      const [fields] = contents[shape.role] ?? [];
      return fields === undefined ? [] : [{ shape, fields, bundles }];
    });
  });
}

const terms = (path: string, ...values: readonly string[]): Filter => ({ kind: 'terms', path, values });

/** @returns nothing for what says too little */
function dataFile({ uuid, version, name, location, size, checksums = {} }: FileShape, fields: Fields): FoundFile[] {
  const text = (field: string): string | null => {
    const value = fields[field];
    return typeof value === 'string' ? value : null;
  };
  const [ownUuid, ownVersion, ownName] = [text(uuid), text(version), text(name)];
  if (ownUuid === null || ownVersion === null || ownName === null) return [];
  const bytes = size === undefined ? null : Number(fields[size] ?? Number.NaN);
  const sums = Object.entries(checksums).flatMap(([type, field]) => {
    const sum = text(field);
    return sum === null || sum === '' ? [] : [[type, sum.toLowerCase()]];
  });
  return [
    {
      ...{ uuid: ownUuid, version: ownVersion, name: ownName, drsUri: text(location) },
      size: Number.isSafeInteger(bytes) ? bytes : null,
      checksums: Object.fromEntries(sums),
    },
  ];
}

const listOf = (value: Json | undefined): readonly Fields[] =>
  Array.isArray(value) ? value.filter((one): one is Fields => one !== null && typeof one === 'object') : [];
