import { name, text, unionAll } from '../../../../core/duckdb/sql.ts';
import type { Model } from '../model.ts';
import { entityTypes, isFileType } from './entity-types.ts';

/** Versions as bundles have them: in UTC, with microseconds. Timestamps of Parquet may have a time zone, or none. */
const versionText = `strftime(make_timestamp(epoch_us(version)), '%Y-%m-%dT%H:%M:%S.%fZ')`;

/** Header of the links of several subgraphs (specification, repository-plugins 5). */
const mergedHeader =
  '"describedBy":"https://schema.humancellatlas.org/system/3.0.0/links","schema_type":"links","schema_version":"3.0.0"';

/** What is read of the links of a subgraph, as `from_json` takes it. */
const linkStructure = JSON.stringify({
  links: [
    {
      ...{ link_type: 'VARCHAR', process_type: 'VARCHAR', process_id: 'VARCHAR' },
      protocols: [{ protocol_type: 'VARCHAR', protocol_id: 'VARCHAR' }],
      inputs: [{ input_type: 'VARCHAR', input_id: 'VARCHAR' }],
      outputs: [{ output_type: 'VARCHAR', output_id: 'VARCHAR' }],
      entity: { entity_type: 'VARCHAR', entity_id: 'VARCHAR' },
      files: [{ file_type: 'VARCHAR', file_id: 'VARCHAR' }],
    },
  ],
});

/** Members of the lists of links, by their roles. */
const lists = { protocol: 'protocols', input: 'inputs', output: 'outputs', file: 'files' } as const;

const mentionsSelect = unionAll(
  [
    `SELECT g, 'process' AS role, link.process_type AS type, link.process_id AS id FROM each_link WHERE link.process_id IS NOT NULL`,
    ...Object.entries(lists).map(
      ([role, list]) =>
        `SELECT g, ${text(role)}, one.${role}_type, one.${role}_id FROM (SELECT g, unnest(link.${list}) AS one FROM each_link)`,
    ),
    `SELECT g, 'project', 'project', project_id FROM subgraphs`,
  ],
  '',
);

const descriptor = (member: string): string => `descriptor ->> ${text(`$.${member}`)}`;
const contentType = descriptor('content_type');
const size = `TRY_CAST(${descriptor('size')} AS BIGINT)`;

/** What the manifest of a bundle says of a file; a location that is null must be there: the file is known, and can't be had. */
const manifestJson = `concat(rtrim(json_merge_patch(to_json({
      'name': content ->> '$.file_core.file_name', 'uuid': ${descriptor('file_id')}, 'version': ${descriptor('file_version')}, 'size': ${size},
      'indexed': false, 'crc32c': ${descriptor('crc32c')}, 'sha256': ${descriptor('sha256')},
      'content-type': ${contentType} || CASE WHEN contains(${contentType}, 'dcp-type=') THEN '' ELSE '; dcp-type=data' END}),
      to_json({'sha1': ${descriptor('sha1')}, 's3_etag': ${descriptor('s3_etag')}}))::VARCHAR, '}'), ',"drs_uri":', coalesce(to_json(file_id)::VARCHAR, 'null'), '}')`;
const needed = ['file_id', 'file_version', 'crc32c', 'sha256', 'content_type'];

/** Why nothing can be said of a file. */
const fileProblem = `CASE WHEN descriptor IS NULL THEN 'has a descriptor that is no JSON'
      ${needed.map((member) => `WHEN ${descriptor(member)} IS NULL THEN ${text(`has a descriptor without ${member}`)}`).join('\n      ')}
      WHEN ${size} IS NULL THEN 'has a descriptor without size'
      WHEN file_id IS NULL AND NOT list_contains(json_keys(descriptor), 'drs_uri') THEN 'has neither a file_id nor a drs_uri in its descriptor'
      WHEN file_id IS NOT NULL AND NOT regexp_matches(file_id, '^drs://[^/:?#\\s]+/.+$') THEN 'has a file_id that is no DRS URI with a host' END`;

/** What is no JSON is null. */
const checked = (column: string): string => `CASE WHEN json_valid(${column}) THEN ${column} END AS ${column}`;

function entitiesOf(type: string): string {
  const isFile = isFileType(type);
  const read = isFile ? `${checked('descriptor')}, file_id` : `NULL::VARCHAR AS descriptor`;
  return `SELECT ${text(type)} AS type, id, content, ${isFile ? manifestJson : 'NULL::VARCHAR'} AS manifest,
      CASE WHEN content IS NULL THEN 'has a content that is no JSON' ${isFile ? `ELSE ${fileProblem}` : ''} END AS problem
    FROM (SELECT ${name(`${type}_id`)} AS id, ${checked('content')}, ${read} FROM ${name(type)})`;
}

/**
 * `subgraphs` are the rows of `links`, `mentions` what each names, `things` all that is named, `upstream` which subgraphs
 * complete which: those that make the files that one takes from elsewhere. `complaints` are about a subgraph, and about
 * everything that it completes.
 */
const prepare = (tables: ReadonlySet<string>): readonly string[] => [
  `CREATE TABLE subgraphs AS
     SELECT row_number() OVER ()::INTEGER AS g, links_id AS uuid, ${versionText} AS version, project_id, content FROM links`,
  `CREATE TABLE each_link AS
     SELECT g, unnest(from_json(content, ${text(linkStructure)}).links) AS link FROM subgraphs WHERE json_valid(content)`,
  `CREATE TABLE named AS SELECT DISTINCT * FROM (${mentionsSelect}) WHERE id IS NOT NULL`,
  `CREATE TABLE entities AS ${unionAll(entityTypes.filter((type) => tables.has(type)).map(entitiesOf), '')}`,
  `CREATE TABLE things AS
     SELECT row_number() OVER ()::INTEGER AS thing, type, id, e.rows, e.problem FROM (SELECT DISTINCT type, id FROM named)
       LEFT JOIN (SELECT type, id, count(*) AS rows, min(problem) AS problem FROM entities GROUP BY type, id) e USING (type, id)`,
  `CREATE TABLE mentions AS SELECT n.g, n.role, t.thing FROM named n JOIN things t USING (type, id)`,
  `CREATE TABLE dangling AS
     SELECT DISTINCT m.g, m.thing FROM mentions m JOIN things t USING (thing)
     WHERE m.role = 'input' AND t.type LIKE '%\\_file' ESCAPE '\\'
       AND NOT EXISTS (SELECT 1 FROM mentions o WHERE o.g = m.g AND o.thing = m.thing AND o.role IN ('output', 'file'))`,
  `CREATE TABLE producers AS SELECT DISTINCT d.g, d.thing, o.g AS up FROM dangling d JOIN things t USING (thing)
     JOIN things s ON s.id = t.id JOIN mentions o ON o.thing = s.thing AND o.role = 'output'`,
  `CREATE TABLE upstream AS SELECT DISTINCT g, up FROM producers`,
  `CREATE TABLE complaints AS
     SELECT g, 'links has ' || count(*) OVER same || ' rows called ' || uuid AS problem FROM subgraphs WINDOW same AS (PARTITION BY uuid) QUALIFY count(*) OVER same > 1
     UNION ALL
     SELECT g, 'links ' || uuid || ' has a content that is no JSON' FROM subgraphs WHERE NOT coalesce(json_valid(content), false)
     UNION ALL
     SELECT g, 'links ' || uuid || ' has a link of the unknown type ' || coalesce(link.link_type, 'null') FROM each_link JOIN subgraphs USING (g)
       WHERE coalesce(link.link_type, '') NOT IN ('process_link', 'supplementary_file_link')
     UNION ALL
     SELECT g, 'links ' || uuid || ' has supplementary files of ' || coalesce(link.entity.entity_type || ' ' || link.entity.entity_id, 'nothing') || ', which is not its project'
       FROM each_link JOIN subgraphs USING (g)
       WHERE link.link_type = 'supplementary_file_link' AND (link.entity.entity_type IS DISTINCT FROM 'project' OR link.entity.entity_id IS DISTINCT FROM project_id)
     UNION ALL
     SELECT d.g, 'no links make the input ' || t.type || ' ' || t.id FROM dangling d JOIN things t USING (thing)
       WHERE NOT EXISTS (SELECT 1 FROM producers p WHERE p.g = d.g AND p.thing = d.thing)`,
  'CREATE TABLE roots AS SELECT g AS root, uuid, version FROM subgraphs',
];

const key = `to_json(t.type || '/' || t.id)::VARCHAR`;

/** Each subgraph with all that complete it (specification, tdr 6.1). */
const assemble: readonly string[] = [
  `CREATE OR REPLACE TEMP TABLE closure AS
     WITH RECURSIVE walk(root, g) AS (
       SELECT root, root FROM wanted
       UNION
       SELECT w.root, u.up FROM walk w JOIN upstream u ON u.g = w.g)
     SELECT root, g FROM walk`,
  `CREATE OR REPLACE TEMP TABLE held AS SELECT DISTINCT c.root, m.thing FROM closure c JOIN mentions m USING (g)`,
  `CREATE OR REPLACE TEMP TABLE own AS
     SELECT DISTINCT w.root, m.thing FROM wanted w JOIN mentions m ON m.g = w.root
       ANTI JOIN dangling d ON d.g = w.root AND d.thing = m.thing`,
  `CREATE OR REPLACE TEMP TABLE documents AS
     SELECT c.root, CASE WHEN count(*) = 1 THEN any_value(s.content)
       ELSE '{${mergedHeader},"links":[' || string_agg(nullif(trim(json_extract(s.content, '$.links')::VARCHAR, '[]'), ''), ',' ORDER BY c.g != c.root, s.uuid) || ']}' END AS text,
       count(DISTINCT list_sort(json_keys(s.content))) AS kinds
     FROM closure c JOIN subgraphs s USING (g) WHERE json_valid(s.content) GROUP BY c.root`,
  `CREATE OR REPLACE TEMP TABLE problems AS
     SELECT c.root, min(p.problem) AS problem FROM closure c JOIN complaints p USING (g) GROUP BY c.root
     UNION ALL
     SELECT h.root, min(t.type || ' ' || CASE WHEN t.rows IS NULL THEN 'has no row called ' || t.id WHEN t.rows > 1 THEN 'has ' || t.rows || ' rows called ' || t.id
       ELSE t.id || ' ' || t.problem END) FROM held h JOIN things t USING (thing)
       WHERE t.rows IS NULL OR t.rows > 1 OR t.problem IS NOT NULL GROUP BY h.root
     UNION ALL
     SELECT root, 'links of the subgraphs that belong together have different members' FROM documents WHERE kinds > 1`,
  `CREATE OR REPLACE TEMP TABLE parts AS
     WITH entity AS (
       SELECT h.root, t.type || '/' || t.id AS name, ${key} AS key, e.content, e.manifest FROM held h JOIN things t USING (thing)
         JOIN entities e ON e.type = t.type AND e.id = t.id)
     SELECT root, 0::TINYINT AS member, name, key || ':' || manifest AS text FROM entity WHERE manifest IS NOT NULL
     UNION ALL
     SELECT root, 1::TINYINT, name, key || ':' || content FROM entity
     UNION ALL
     SELECT root, 2::TINYINT, '', text FROM documents
     UNION ALL
     SELECT h.root, 3::TINYINT, t.id, to_json(t.id)::VARCHAR FROM held h JOIN things t USING (thing) ANTI JOIN own o ON o.root = h.root AND o.thing = h.thing`,
];

/** Metadata of the Human Cell Atlas (specification, repository-plugins 5; tdr 6.1). */
export const hca: Model = {
  tables: { links: ['links_id', 'version', 'content', 'project_id'], project: ['project_id', 'content'] },
  prepare,
  assemble,
  members: [
    { name: 'manifest', kind: 'object' },
    { name: 'metadata', kind: 'object' },
    { name: 'links', kind: 'value' },
    { name: 'stitched', kind: 'list' },
  ],
};
