import { all, type Filter } from '../../core/documents/filter.ts';
import type { FileShape } from '../../core/model/manifests.ts';
import type { Json } from '../../core/model/metadata.ts';
import type { DataFile } from '../../core/model/repository.ts';
import { type AccessibleSources, visibleTo } from '../access.ts';
import type { Catalog, IndexedEntity } from '../catalogs.ts';
import type { QueryDeps } from '../deps.ts';
import { entityIdPath } from '../fields/envelope.ts';
import type { Query } from '../filter/opensearch.ts';
import type { SearchHit } from '../opensearch.ts';
import { liveQuery, preferenceOf } from '../search/plan.ts';
import type { Reading } from '../search/serving.ts';

type Searching = Pick<QueryDeps, 'engine' | 'serving'>;

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

/** Documents whose related files are looked through. */
const maxRelating = 100;

/**
 * The file, or the newest version of it by the order of versions, among those of sources that the caller may see.
 *
 * @throws LazuliError `not_found` where there is no index yet, `unavailable`, `layout_unknown`
 */
export async function findFile(
  deps: Searching,
  catalog: Catalog,
  sources: AccessibleSources,
  { uuid, version }: WantedFile,
): Promise<DataFile | null> {
  return inFiles(deps, catalog, sources, null, async ({ shape, path, search }) => {
    const newest: Query[] = [{ [path(shape.version)]: { order: 'desc' } }, { [entityIdPath]: { order: 'asc' } }];
    const conditions = [
      terms(path(shape.uuid), uuid),
      ...(version === undefined ? [] : [terms(path(shape.version), version)]),
    ];
    const [found] = await search(conditions, 1, newest);
    return found === undefined ? null : dataFile(shape, found);
  });
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
): Promise<DataFile | null> {
  const [folder, ...below] = name.split('/');
  if (below.length === 0) return null;
  return inFiles(deps, catalog, sources, null, async ({ shape, path, search }) => {
    const { related } = shape;
    if (related === undefined) return null;
    // `0` comes after `/`, so these are the names that begin with the folder.
    const inFolder: Filter = { kind: 'between', path: path(shape.name), low: `${folder}/`, high: `${folder}0` };
    const documents = await search([inFolder], maxRelating, [{ [entityIdPath]: { order: 'asc' } }]);
    const files = documents.flatMap((file) => listOf(file[related]).map((one) => dataFile(shape, one)));
    return files.find((file) => file?.uuid === uuid && file.version === version) ?? null;
  });
}

type Fields = Readonly<Record<string, Json>>;

interface Files {
  readonly shape: FileShape;
  /** where documents have a field of the file */
  readonly path: (field: string) => string;
  readonly search: (conditions: readonly Filter[], size: number, sort: readonly Query[]) => Promise<readonly Fields[]>;
}

/** @param none what there is where the catalog's plug-in declares no files, or the index that serves has none of their fields */
async function inFiles<T>(
  { engine, serving }: Searching,
  catalog: Catalog,
  sources: AccessibleSources,
  none: T,
  work: (files: Files) => Promise<T>,
): Promise<T> {
  const shape = catalog.plugin.manifests?.file;
  const entity = catalog.indexed.get(catalog.plugin.manifests?.entityType ?? '');
  if (shape === undefined || entity === undefined) return none;
  const visible = visibleTo(sources);
  return serving.with(catalog, entity, ({ index, entity: read }: Reading<IndexedEntity>) => {
    const path = (field: string): string => `contents.${shape.role}.${field}`;
    if (![shape.uuid, shape.version, shape.name].every((field) => read.has(path(field)))) return Promise.resolve(none);
    const search: Files['search'] = async (conditions, size, sort) => {
      const filter = all([visible, ...conditions]);
      const preference = preferenceOf({ clauses: [], access: { always: filter, own: [], visible } });
      const body = {
        size,
        sort,
        query: liveQuery(filter),
        track_total_hits: true,
        _source: [`contents.${shape.role}`, '_texts'],
      };
      const [found] = await engine.search([{ index: index.name, preference, body }]);
      return (found?.hits ?? []).flatMap((hit) => fileOf(read, shape, hit));
    };
    return work({ shape, path, search });
  });
}

const terms = (path: string, value: string): Filter => ({ kind: 'terms', path, values: [value] });

/** Documents show the file that they are about alone. */
function fileOf(entity: IndexedEntity, { role }: FileShape, { source }: SearchHit): readonly Fields[] {
  return (entity.decode(source).contents[role] ?? []).slice(0, 1);
}

/** @returns null for what says too little */
function dataFile({ uuid, version, name, location, size }: FileShape, fields: Fields): DataFile | null {
  const text = (field: string): string | null => {
    const value = fields[field];
    return typeof value === 'string' ? value : null;
  };
  const [ownUuid, ownVersion, ownName] = [text(uuid), text(version), text(name)];
  if (ownUuid === null || ownVersion === null || ownName === null) return null;
  const bytes = size === undefined ? null : Number(fields[size] ?? Number.NaN);
  return {
    uuid: ownUuid,
    version: ownVersion,
    name: ownName,
    size: Number.isSafeInteger(bytes) ? bytes : null,
    drsUri: text(location),
  };
}

const listOf = (value: Json | undefined): readonly Fields[] =>
  Array.isArray(value) ? value.filter((one): one is Fields => one !== null && typeof one === 'object') : [];
