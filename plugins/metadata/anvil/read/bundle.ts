import type { Bundle } from '../../../../core/model/bundle.ts';
import type { Json } from '../../../../core/model/json.ts';
import { invalid, show } from '../invalid.ts';
import { isTable, schema } from '../schema.ts';
import { type Link, readLinks } from './links.ts';
import { isObject, type JsonObject, Row } from './row.ts';

/** A bundle read and checked. Rows are numbered by their place. */
export interface AnvilBundle {
  readonly uuid: string;
  readonly contents: JsonObject;
  readonly rows: readonly Row[];
  readonly links: readonly Link[];
  /** number of the only one */
  readonly dataset: number;
}

/**
 * Reads a bundle (specification, plugin-anvil 1).
 *
 * @throws LazuliError `bundle_invalid`
 */
export function readBundle({ fqid: { uuid }, contents }: Bundle): AnvilBundle {
  const bundle = `bundle/${uuid}`;
  if (!isObject(contents))
    throw invalid(bundle, '', `The bundle is no object: ${show(contents)}`, 'Give it entities and links.');
  const { entities, links } = contents;
  const rows = readRows(entities, bundle);
  const numbers = new Map(rows.map(({ key }, number) => [key, number]));
  return {
    uuid,
    contents,
    rows,
    links: readLinks(links, rows, numbers, `links/${uuid}`),
    dataset: theDataset(rows, bundle),
  };
}

const keyPattern = /^([a-z_]+)\/([\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12})$/;

function readRows(entities: Json | undefined, bundle: string): readonly Row[] {
  if (!isObject(entities)) {
    const message = `'entities' is no object: ${show(entities)}`;
    throw invalid(bundle, 'entities', message, 'Give the bundle an object of entities by <table>/<row id>.');
  }
  const known = new Map<string, Row>();
  for (const [key, contents] of Object.entries(entities)) {
    const row = readRow(key, contents, bundle);
    const twin = known.get(row.id);
    if (twin !== undefined)
      throw invalid(row.key, '', `${twin.key} has the same row id`, 'Give each row an id of its own.');
    known.set(row.id, row);
  }
  return [...known.values()];
}

function readRow(key: string, contents: Json, bundle: string): Row {
  const [, table = '', id = ''] = keyPattern.exec(key) ?? [];
  if (!isTable(table)) {
    const remedy = `Name entities <table>/<row id>: tables are ${Object.keys(schema).join(', ')}, ids UUIDs in lower case.`;
    throw invalid(bundle, 'entities', `The bundle has an entity of a name that can't be: ${show(key)}`, remedy);
  }
  if (!isObject(contents)) throw invalid(key, '', `The entity is no object: ${show(contents)}`, 'Give it its columns.');
  return new Row(table, id, contents);
}

function theDataset(rows: readonly Row[], bundle: string): number {
  const isDataset = ({ table }: Row): boolean => table === 'anvil_dataset';
  const first = rows.findIndex(isDataset);
  if (first < 0) throw invalid(bundle, 'entities', 'The bundle has no dataset', 'Add the dataset to which it belongs.');
  const last = rows.findLastIndex(isDataset);
  if (last === first) return first;
  const [one, other] = [rows[first] as Row, rows[last] as Row];
  const message = `The bundle has more than one dataset: ${one.key} and ${other.key}`;
  throw invalid(bundle, 'entities', message, 'Leave the one to which it belongs.');
}
