import { name, text, unionAll } from '../../../../core/duckdb/sql.ts';
import type { Step } from '../model.ts';
import { entityTypes, isFileType } from './entity-types.ts';

/** Versions as bundles have them: in UTC, with microseconds. Timestamps of Parquet may have a time zone, or none. */
const versionText = `strftime(make_timestamp(epoch_us(version)), '%Y-%m-%dT%H:%M:%S.%fZ')`;

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

/** What descriptors say, in the order in which one look at the text gives it. */
const described = ['file_id', 'file_version', 'crc32c', 'sha256', 'content_type', 'size', 'sha1', 's3_etag'] as const;
const needed = described.slice(0, 5);
const said = (member: (typeof described)[number]): string => `said[${described.indexOf(member) + 1}]`;
const size = `TRY_CAST(${said('size')} AS BIGINT)`;

/** What is no JSON is null. */
const checked = (column: string): string => `CASE WHEN json_valid(${column}) THEN ${column} END AS ${column}`;

/** Files of a table. */
const filesOf = (type: string): string => `(SELECT ${name(`${type}_id`)} AS id, file_id,
      ${checked('content')}, ${checked('descriptor')},
      CASE WHEN json_valid(descriptor) THEN json_extract_string(descriptor, [${described.map((member) => text(`$.${member}`)).join(', ')}]) END AS said
    FROM ${name(type)})`;

const json = (value: string): string => `coalesce(to_json(${value}), 'null')`;

/** What the manifest of a bundle says of a file; a location that is null must be there: the file is known, and can't be had. */
const manifestJson = `concat(
      '{"name":', ${json(`content ->> '$.file_core.file_name'`)}, ',"uuid":', ${json(said('file_id'))}, ',"version":', ${json(said('file_version'))}, ',"size":', ${size},
      ',"indexed":false,"crc32c":', ${json(said('crc32c'))}, ',"sha256":', ${json(said('sha256'))},
      ',"content-type":', ${json(`${said('content_type')} || CASE WHEN contains(${said('content_type')}, 'dcp-type=') THEN '' ELSE '; dcp-type=data' END`)},
      ',"sha1":' || to_json(${said('sha1')}), ',"s3_etag":' || to_json(${said('s3_etag')}), ',"drs_uri":', ${json('file_id')}, '}')`;

/** Why nothing can be said of a file. */
const fileProblem = `CASE WHEN content IS NULL THEN 'has a content that is no JSON'
      WHEN descriptor IS NULL THEN 'has a descriptor that is no JSON'
      ${needed.map((member) => `WHEN ${said(member)} IS NULL THEN ${text(`has a descriptor without ${member}`)}`).join('\n      ')}
      WHEN ${size} IS NULL THEN 'has a descriptor without size'
      WHEN file_id IS NULL AND NOT list_contains(json_keys(descriptor), 'drs_uri') THEN 'has neither a file_id nor a drs_uri in its descriptor'
      WHEN file_id IS NOT NULL AND NOT regexp_matches(file_id, '^drs://[^/:?#\\s]+/.+$') THEN 'has a file_id that is no DRS URI with a host' END`;

/** What is wrong with each row. */
const checkedOf = (type: string): string =>
  isFileType(type)
    ? `SELECT ${text(type)} AS type, id, ${fileProblem} AS problem FROM ${filesOf(type)}`
    : `SELECT ${text(type)} AS type, ${name(`${type}_id`)} AS id,
         CASE WHEN json_valid(content) IS NOT true THEN 'has a content that is no JSON' END AS problem FROM ${name(type)}`;

const contentOf = (type: string): string => `SELECT ${name(`${type}_id`)} AS id, content AS text FROM ${name(type)}`;
const manifestOf = (type: string): string => `SELECT id, ${manifestJson} AS text FROM ${filesOf(type)}`;

/** All bundles: those of all links. */
export const list = `SELECT DISTINCT links_id AS uuid, ${versionText} AS version FROM links`;

/** What nodes have texts for: things the first three, subgraphs the rest. */
export const slots = { manifest: 0, metadata: 1, id: 2, content: 3, links: 4 } as const;

export const relations = ['mentions', 'dangling', 'upstream', 'shapes'] as const;

/** What a thing is called in bundles, as JSON text. */
const key = `to_json(t.type || '/' || t.id)::VARCHAR`;
/** Texts of those rows of a table that can be in bundles. */
const textsOf = (type: string, slot: number, select: string): string => `INSERT INTO texts
  SELECT t.thing, ${slot}, 0, ${key} || ':' || e.text FROM things t JOIN (${select}) e USING (id)
  WHERE t.type = ${text(type)} AND t.rows = 1 AND t.problem IS NULL`;
/** Subgraphs that complete others, or are completed. */
const stitched = 'SELECT a FROM upstream UNION SELECT b FROM upstream';

/**
 * Nodes are subgraphs, the rows of `links` (their content is null where it is no JSON), and `things`, all that is named there. `mentions` is what each subgraph names,
 * `dangling` what it takes from elsewhere, `upstream` which subgraphs make that and so complete it. `shapes` are equal where
 * contents have the same members.
 */
export function prepare(tables: ReadonlySet<string>): readonly Step[] {
  const types = entityTypes.filter((type) => tables.has(type));
  const relating = [
    `CREATE TABLE subgraphs AS
     SELECT row_number() OVER (ORDER BY links_id, version, content)::INTEGER AS g, links_id AS uuid, ${versionText} AS version, project_id, ${checked('content')} FROM links`,
    `CREATE TABLE each_link AS
     SELECT g, unnest(from_json(content, ${text(linkStructure)}).links) AS link FROM subgraphs WHERE content IS NOT NULL`,
    `CREATE TABLE named AS SELECT DISTINCT * FROM (${mentionsSelect}) WHERE id IS NOT NULL`,
    `CREATE TABLE entities AS ${unionAll(types.map(checkedOf), '')}`,
    `CREATE TABLE things AS
     SELECT ((SELECT count(*) FROM subgraphs) + row_number() OVER (ORDER BY type, id))::INTEGER AS thing, type, id, e.rows, e.problem
     FROM (SELECT DISTINCT type, id FROM named)
       LEFT JOIN (SELECT type, id, count(*) AS rows, min(problem) AS problem FROM entities GROUP BY type, id) e USING (type, id)`,
    'CREATE TABLE nodes AS SELECT g AS node FROM subgraphs UNION ALL SELECT thing FROM things',
    'CREATE TABLE roles AS SELECT n.g, n.role, t.thing FROM named n JOIN things t USING (type, id)',
    'CREATE TABLE mentions AS SELECT DISTINCT g AS a, thing AS b FROM roles',
    `CREATE TABLE dangling AS
     SELECT DISTINCT m.g AS a, m.thing AS b FROM roles m JOIN things t USING (thing)
     WHERE m.role = 'input' AND t.type LIKE '%\\_file' ESCAPE '\\'
       AND NOT EXISTS (SELECT 1 FROM roles o WHERE o.g = m.g AND o.thing = m.thing AND o.role IN ('output', 'file'))`,
    `CREATE TABLE producers AS SELECT DISTINCT d.a AS g, d.b AS thing, o.g AS up FROM dangling d JOIN things t ON t.thing = d.b
     JOIN things s ON s.id = t.id JOIN roles o ON o.thing = s.thing AND o.role = 'output'`,
    'CREATE TABLE upstream AS SELECT DISTINCT g AS a, up AS b FROM producers',
    `CREATE TABLE shapes AS SELECT g AS a, dense_rank() OVER (ORDER BY list_sort(json_keys(content)))::INTEGER AS b
     FROM subgraphs WHERE g IN (${stitched}) AND content IS NOT NULL`,
    `CREATE TABLE problems AS
     SELECT g AS node, 'links has ' || count(*) OVER same || ' rows called ' || uuid AS problem FROM subgraphs WINDOW same AS (PARTITION BY uuid) QUALIFY count(*) OVER same > 1
     UNION ALL
     SELECT g, 'links ' || uuid || ' has a content that is no JSON' FROM subgraphs WHERE content IS NULL
     UNION ALL
     SELECT g, 'links ' || uuid || ' has a link of the unknown type ' || coalesce(link.link_type, 'null') FROM each_link JOIN subgraphs USING (g)
       WHERE coalesce(link.link_type, '') NOT IN ('process_link', 'supplementary_file_link')
     UNION ALL
     SELECT g, 'links ' || uuid || ' has supplementary files of ' || coalesce(link.entity.entity_type || ' ' || link.entity.entity_id, 'nothing') || ', which is not its project'
       FROM each_link JOIN subgraphs USING (g)
       WHERE link.link_type = 'supplementary_file_link' AND (link.entity.entity_type IS DISTINCT FROM 'project' OR link.entity.entity_id IS DISTINCT FROM project_id)
     UNION ALL
     SELECT d.a, 'no links make the input ' || t.type || ' ' || t.id FROM dangling d JOIN things t ON t.thing = d.b
       WHERE NOT EXISTS (SELECT 1 FROM producers p WHERE p.g = d.a AND p.thing = d.b)
     UNION ALL
     SELECT thing, type || ' ' || CASE WHEN rows IS NULL THEN 'has no row called ' || id WHEN rows > 1 THEN 'has ' || rows || ' rows called ' || id
       ELSE id || ' ' || problem END FROM things WHERE rows IS NULL OR rows > 1 OR problem IS NOT NULL`,
    'CREATE TABLE roots AS SELECT uuid, version, g AS node, 0 AS kind FROM subgraphs',
    `CREATE TABLE texts AS
     SELECT thing AS node, ${slots.id} AS slot, 0 AS head, to_json(id)::VARCHAR AS text FROM things WHERE thing IN (SELECT b FROM mentions WHERE a IN (${stitched}))
     UNION ALL
     SELECT a, ${slots.links}, 0, links FROM (SELECT a, trim(json_extract(content, '$.links')::VARCHAR, '[]') AS links
       FROM subgraphs JOIN shapes ON a = g) WHERE links != ''`,
  ];
  return [
    ...relating.map((sql) => ({ table: null, sql })),
    {
      table: 'links',
      sql: `INSERT INTO texts SELECT g, ${slots.content}, 0, content FROM subgraphs WHERE content IS NOT NULL`,
    },
    ...types.map((type) => ({ table: type, sql: textsOf(type, slots.metadata, contentOf(type)) })),
    ...types.filter(isFileType).map((type) => ({ table: type, sql: textsOf(type, slots.manifest, manifestOf(type)) })),
  ];
}
