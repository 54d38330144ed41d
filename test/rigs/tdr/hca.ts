import { isFileType } from '../../../plugins/repository/tdr/hca/entity-types.ts';
import type { ExportedTable, Row } from './exports.ts';

/** Rows of the tables of a snapshot of the Human Cell Atlas: `links`, and one for each type of entities. */
export type HcaRows = Readonly<Record<string, readonly Row[]>>;

export const hcaTables = (rows: HcaRows): Readonly<Record<string, ExportedTable>> =>
  Object.fromEntries(
    Object.entries(rows).map(([table, own]) => {
      const key = table === 'links' ? { links_id: 'VARCHAR', project_id: 'VARCHAR' } : { [`${table}_id`]: 'VARCHAR' };
      const file = isFileType(table) ? { file_id: 'VARCHAR', descriptor: 'VARCHAR' } : {};
      return [table, { columns: { ...key, version: 'TIMESTAMP', content: 'VARCHAR', ...file }, rows: own }];
    }),
  );

interface Named {
  readonly type: string;
  readonly id: string;
}

interface Links {
  readonly project: Named;
  readonly others: readonly Named[];
  readonly inputs: readonly Named[];
  readonly outputs: readonly Named[];
  readonly supplementary: readonly Named[];
}

export interface HcaBundle {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly links: unknown;
  readonly stitched: readonly string[];
}

const keyOf = ({ type, id }: Named): string => `${type}/${id}`;

/**
 * A bundle by plain stitching, subgraph after subgraph (specification, repository-plugins 5).
 *
 * @throws Error where something is missing, or is there twice, or is of another project
 */
export function hcaBundle(rows: HcaRows, uuid: string): HcaBundle {
  const all = rows.links ?? [];
  const theLinks = (id: unknown): Row =>
    only(
      all.filter((row) => row.links_id === id),
      `links ${String(id)}`,
    );
  const contents: Record<string, unknown>[] = [];
  const entities = new Map<string, Named>();
  const own = new Set<string>();
  const seen = new Set([uuid]);
  const queue = [uuid];
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    const row = theLinks(id);
    contents.push(JSON.parse(String(row.content)));
    const { project, others, inputs, outputs, supplementary } = linksOf(row);
    const dangling = inputs.filter(
      (one) => isFileType(one.type) && ![...outputs, ...supplementary].some((other) => keyOf(other) === keyOf(one)),
    );
    for (const one of [project, ...others, ...inputs, ...outputs, ...supplementary]) {
      entities.set(keyOf(one), one);
      if (id === uuid && !dangling.some((other) => keyOf(other) === keyOf(one))) own.add(keyOf(one));
    }
    for (const one of dangling) {
      const makers = all.filter((other) => linksOf(other).outputs.some((output) => output.id === one.id));
      if (makers.length === 0) throw new Error(`Nobody makes ${keyOf(one)}`);
      for (const { links_id: maker } of makers) {
        if (seen.has(String(maker))) continue;
        seen.add(String(maker));
        queue.push(String(maker));
      }
    }
  }
  if (new Set(contents.map((content) => JSON.stringify(Object.keys(content).sort()))).size > 1)
    throw new Error('Links have different members');
  const manifest: Record<string, unknown> = {};
  const metadata: Record<string, unknown> = {};
  for (const [key, { type, id }] of entities) {
    const row = only(
      (rows[type] ?? []).filter((one) => one[`${type}_id`] === id),
      key,
    );
    metadata[key] = JSON.parse(String(row.content));
    if (isFileType(type)) manifest[key] = manifestOf(row, metadata[key] as Record<string, Row>);
  }
  const stitched = [...entities].filter(([key]) => !own.has(key)).map(([, { id }]) => id);
  return { manifest, metadata, links: joined(contents), stitched };
}

function only(found: readonly Row[], what: string): Row {
  const [row, ...others] = found;
  if (row === undefined || others.length > 0) throw new Error(`There is not one ${what}`);
  return row;
}

type Parts = Readonly<Record<string, string>>;

function linksOf(row: Row): Links {
  const { links } = JSON.parse(String(row.content)) as { links: readonly Record<string, unknown>[] };
  const project = { type: 'project', id: String(row.project_id) };
  const found = { others: [] as Named[], inputs: [] as Named[], outputs: [] as Named[], supplementary: [] as Named[] };
  for (const link of links) {
    const listed = (name: string, kind: string) =>
      ((link[name] ?? []) as readonly Parts[]).map((one) => ({
        type: one[`${kind}_type`] ?? '',
        id: one[`${kind}_id`] ?? '',
      }));
    if (link.link_type === 'process_link') {
      found.others.push(
        { type: String(link.process_type), id: String(link.process_id) },
        ...listed('protocols', 'protocol'),
      );
      found.inputs.push(...listed('inputs', 'input'));
      found.outputs.push(...listed('outputs', 'output'));
    } else if (link.link_type === 'supplementary_file_link') {
      const { entity_type: type, entity_id: id } = link.entity as Parts;
      if (type !== 'project' || id !== project.id) throw new Error('Of another project');
      found.supplementary.push(...listed('files', 'file'));
    } else throw new Error('Unknown link');
  }
  return { project, ...found };
}

function joined(contents: readonly Record<string, unknown>[]): unknown {
  if (contents.length === 1) return contents[0];
  return {
    describedBy: 'https://schema.humancellatlas.org/system/3.0.0/links',
    schema_type: 'links',
    schema_version: '3.0.0',
    links: contents.flatMap(({ links }) => links),
  };
}

function manifestOf(row: Row, content: Readonly<Record<string, Row>>): unknown {
  const { content_type: type, sha1, s3_etag, ...descriptor } = JSON.parse(String(row.descriptor));
  for (const member of ['file_id', 'file_version', 'crc32c', 'sha256', 'size'])
    if (descriptor[member] === undefined) throw new Error(`No ${member}`);
  if ((row.file_id ?? null) === null && !Object.hasOwn(descriptor, 'drs_uri')) throw new Error('No location');
  return {
    name: content.file_core?.file_name,
    ...{ uuid: descriptor.file_id, version: descriptor.file_version, size: descriptor.size, indexed: false },
    ...{ crc32c: descriptor.crc32c, sha256: descriptor.sha256 },
    'content-type': type.includes('dcp-type=') ? type : `${type}; dcp-type=data`,
    ...(sha1 ? { sha1 } : {}),
    ...(s3_etag ? { s3_etag } : {}),
    drs_uri: row.file_id ?? null,
  };
}
