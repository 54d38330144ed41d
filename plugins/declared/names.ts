import { documentsTable } from '../../core/model/normalized.ts';

/** Tables of staged batches and of the store, and folders of staged batches, that are the core's. */
export const reservedTables: readonly string[] = [
  ...['bundles', 'entities', 'members', documentsTable, 'manifests'],
  ...['meta', 'batches', 'deletions', 'restores', 'row_ids', 'outbox'],
  ...['generations', 'ledger', 'unbuilt', 'buckets', 'bucket_sources', 'snapshot_rows', 'snapshot_files'],
];

/** What can have a name: names that the core has there itself. */
const reserved = {
  table: reservedTables,
  column: ['bundle', 'bundle_key', 'row', 'absent', 'document_id', 'filename'],
  role: ['bundle', 'bundle_key', 'entity_type', 'entity_id'],
  field: ['document_id'],
  'entity type': ['catalogs', 'summary'],
  'computed field': ['entity_id', 'contents', 'sources', 'bundles', 'num_contributions'],
} as const;
export type Named = keyof typeof reserved;

/** Of plug-ins, which are also names of folders. */
export const pluginNamePattern = /^[a-z][a-z0-9_]{0,63}$/;

/** Lower case only: DuckDB takes names that differ in case alone for the same. */
const namePattern = /^[a-z_][a-z0-9_-]{0,62}$/;
/** They are part of the names of indices. */
const typePattern = /^[a-z][a-z0-9_]{0,62}$/;
/** A type that ends so would have an index of another type's name. */
const generationEnd = /_g\d+(_write)?$/;
/** Of documents, what begins so is the core's. */
const ownBeginning = '_';
const apiPattern = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;

const lowerCase = 'choose 1 to 63 characters of a-z, 0-9, _ and -, with no digit first';
const another = 'it is taken by the core, so choose another name';

/** What is wrong with the name of something that is declared. @param of where it is declared, for people */
export function* nameProblems(named: Named, name: string, of = ''): Generator<string> {
  const article = named === 'entity type' ? 'an' : 'a';
  const said = `${article} ${named}${of === '' ? '' : ` of ${of}`} can't be called '${shortened(name)}'`;
  const taken: readonly string[] = reserved[named];
  if (taken.includes(name) || name in Object.prototype) yield `${said}: ${another}`;
  else if (named === 'entity type' && generationEnd.test(name)) yield `${said}: names of indices end so`;
  else if (named === 'entity type' ? !typePattern.test(name) : !namePattern.test(name)) yield `${said}: ${lowerCase}`;
  else if (named === 'computed field' && name.startsWith(ownBeginning)) yield `${said}: ${another}`;
}

/** What is wrong with a name in the API. @param of whose it is, for people */
export function* apiNameProblems(name: string, of: string): Generator<string> {
  if (name in Object.prototype || !apiPattern.test(name))
    yield `${of} can't be called '${shortened(name)}' in the API: choose 1 to 63 letters, digits, _, - and dots, a letter first`;
}

const shortened = (name: string): string => (name.length > 80 ? `${name.slice(0, 80)}…` : name);
