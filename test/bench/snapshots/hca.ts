import type { SnapshotWorld } from './declared.ts';

const id = (kind: string, row: string): string =>
  `concat(left(md5('${kind}/' || ${row}), 8), '-0000-4000-8000-', lpad(lower(to_hex((${row})::BIGINT)), 12, '0'))`;
const version = `TIMESTAMP '2021-01-01'`;

/** About as long as real ones. */
const content = (
  kind: string,
): string => `to_json({'describedBy': 'https://schema.example/${kind}', 'schema_type': '${kind}',
  'file_core': {'file_name': '${kind} ' || i, 'format': 'fastq.gz'}, 'text': repeat(md5('' || i), 16)})::VARCHAR AS content`;
const entity = (kind: string): string =>
  `SELECT ${id(kind, 'i')} AS ${kind}_id, ${version} AS version, ${content(kind)}`;
const file = (kind: string): string => `${entity(kind)}, 'drs://data.example/v1_' || md5('${kind}' || i) AS file_id,
  to_json({'file_id': ${id('data', 'i')}, 'file_version': '2021-01-01T00:00:00.000000Z', 'size': i, 'crc32c': '0a', 'sha256': md5('' || i),
    'sha1': md5('' || i), 'content_type': 'application/gzip'})::VARCHAR AS descriptor`;

const named = (role: string, kind: string, row: string): string =>
  `{'${role}_type': '${kind}', '${role}_id': ${id(kind, row)}}`;
const link = (process: string, inputs: string, outputs: string, protocols: string): string =>
  `{'link_type': 'process_link', 'process_type': 'process', 'process_id': ${id('process', process)}, 'inputs': [${inputs}], 'outputs': [${outputs}], 'protocols': [${protocols}]}`;
const project = 'i // 1000';

/** Of four subgraphs one is an analysis: it takes the files of the one before. */
const links = `CASE WHEN i % 4 = 3 THEN to_json({'schema_type': 'links', 'links': [
    ${link('i * 3', `${named('input', 'sequence_file', 'i * 2 - 2')}, ${named('input', 'sequence_file', 'i * 2 - 1')}`, named('output', 'analysis_file', 'i'), '')}]})
  ELSE to_json({'schema_type': 'links', 'links': [
    ${link('i * 3', named('input', 'donor_organism', 'i'), named('output', 'specimen_from_organism', 'i'), named('protocol', 'collection_protocol', project))},
    ${link('i * 3 + 1', named('input', 'specimen_from_organism', 'i'), named('output', 'cell_suspension', 'i'), named('protocol', 'dissociation_protocol', project))},
    ${link('i * 3 + 2', named('input', 'cell_suspension', 'i'), `${named('output', 'sequence_file', 'i * 2')}, ${named('output', 'sequence_file', 'i * 2 + 1')}`, named('protocol', 'sequencing_protocol', project))}]}) END::VARCHAR`;

const primary = 'FROM subgraphs WHERE i % 4 != 3';
const projects = (bundles: string): string => `FROM (SELECT DISTINCT i // 1000 AS i ${bundles})`;

/** Subgraphs of a donor, a specimen, a suspension and two files, and analyses of these; a thousand in a project. */
export const hcaWorld: SnapshotWorld = {
  prepare: (bundles) => [
    `CREATE TABLE subgraphs AS SELECT i FROM range(${bundles}) numbers (i)`,
    'CREATE TABLE completing AS SELECT i AS root, i FROM subgraphs UNION ALL SELECT i, i - 1 FROM subgraphs WHERE i % 4 = 3',
  ],
  tables: {
    links: `SELECT ${id('links', 'i')} AS links_id, ${version} AS version, ${links} AS content, ${id('project', project)} AS project_id FROM subgraphs`,
    ...Object.fromEntries(
      ['project', 'collection_protocol', 'dissociation_protocol', 'sequencing_protocol'].map((kind) => [
        kind,
        `${entity(kind)} ${projects('FROM subgraphs')}`,
      ]),
    ),
    ...Object.fromEntries(
      ['donor_organism', 'specimen_from_organism', 'cell_suspension'].map((kind) => [
        kind,
        `${entity(kind)} ${primary}`,
      ]),
    ),
    process: `${entity('process')} FROM (SELECT i * 3 + n AS i FROM subgraphs, range(3) three (n) WHERE i % 4 != 3 OR n = 0)`,
    sequence_file: `${file('sequence_file')} FROM (SELECT i * 2 + n AS i FROM subgraphs, range(2) two (n) WHERE i % 4 != 3)`,
    analysis_file: `${file('analysis_file')} FROM subgraphs WHERE i % 4 = 3`,
  },
  key: null,
  bundle: id('links', 'root'),
  contained: [
    'FROM completing',
    {
      links: [id('links', 'i')],
      ...Object.fromEntries(
        ['project', 'collection_protocol', 'dissociation_protocol', 'sequencing_protocol'].map((kind) => [
          kind,
          [id(kind, project)],
        ]),
      ),
      ...Object.fromEntries(
        ['donor_organism', 'specimen_from_organism', 'cell_suspension'].map((kind) => [kind, [id(kind, 'i')]]),
      ),
      process: ['0', '1', '2'].map((n) => id('process', `i * 3 + ${n}`)),
      sequence_file: ['0', '1'].map((n) => id('sequence_file', `i * 2 + ${n}`)),
      analysis_file: [id('analysis_file', 'i')],
    },
  ],
};
