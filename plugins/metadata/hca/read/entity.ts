import type { Json } from '../../../../core/model/metadata.ts';
import { invalid, isObject, type JsonObject, Members } from '../members.ts';
import { readBiomaterial } from './biomaterial.ts';
import type { Entity } from './entities.ts';
import { readFile, withSlashes } from './file.ts';
import { uuidOf } from './identifiers.ts';
import { readManifestEntry } from './manifest.ts';
import { readProject } from './project.ts';
import { readProtocol } from './protocol.ts';
import { type Core, classOf } from './schemas.ts';
import { utcTimestamp } from './timestamps.ts';

/** What is the same for all entities of a bundle. */
export interface EntityContext {
  readonly manifest: JsonObject;
  readonly stitched: ReadonlySet<string>;
  readonly drsDomain: string | undefined;
}

/**
 * Reads one metadata document: the type in its key decides the core class, `describedBy` the
 * concrete one (specification, plugin-hca 2.1).
 *
 * @throws LazuliError `bundle_invalid`
 */
export function readEntity(key: string, document: Json, context: EntityContext): Entity {
  const keyCore = coreOfKey(key);
  if (!isObject(document)) throw invalid(key, '', `The metadata of '${key}' is no object`, 'Replace it by an object.');
  const json = new Members(key, document);
  const content = json.find('content') === undefined ? json : json.object('content');
  const schema = schemaOf(content, keyCore);
  const { id, submitterId, submitted, updated } = provenance(json);
  const stitched = context.stitched.has(id);
  const common = { core: keyCore, schema, id, key, submitterId, submitted, updated, stitched, document };
  switch (keyCore) {
    case 'project':
      return { ...common, core: 'project', values: readProject(content) };
    case 'biomaterial': {
      const { biomaterialId, values, sample, cells } = readBiomaterial(schema, content);
      return { ...common, core: 'biomaterial', biomaterialId, values, sample, cells };
    }
    case 'protocol':
      return { ...common, core: 'protocol', values: readProtocol(schema, content) };
    case 'process':
      content.object('process_core').text('process_id');
      return { ...common, core: 'process' };
    case 'file': {
      const manifest = readManifestEntry(context.manifest, key, context.drsDomain);
      const { format, contentDescription, source, extra, description } = readFile(schema, json, content);
      const renamed = withSlashes(json, content);
      const facts = {
        ...common,
        core: 'file' as const,
        manifest,
        format,
        contentDescription,
        source,
        extra,
        description,
      };
      return renamed === document ? facts : { ...facts, document: renamed };
    }
  }
}

function coreOfKey(key: string): Core {
  const slash = key.indexOf('/');
  const known = classOf.get(key.slice(0, Math.max(slash, 0)));
  if (known !== undefined) return known.core;
  const remedy = 'Name every metadata document <schema>/<document uuid>, with a schema of the Human Cell Atlas.';
  // A document without a name is known by its place.
  throw invalid(key || 'metadata', '', `'${key}' names no known kind of metadata document`, remedy);
}

function schemaOf(content: Members, core: Core): string {
  const url = content.fullText('describedBy');
  const schema = url.slice(url.lastIndexOf('/') + 1);
  const known = classOf.get(schema);
  if (known?.core === core) return known.schema;
  const problem = known !== undefined ? `names a schema that is no ${core}` : 'names a schema that is not known';
  throw content.error(
    'describedBy',
    `${problem}: '${schema}'`,
    'Correct the URL, or the type in the name of the document.',
  );
}

function provenance(json: Members) {
  const ingest = json.optionalObject('hca_ingest');
  const source = ingest !== undefined && Object.keys(ingest.json).length > 0 ? ingest : json.object('provenance');
  const id = uuidOf(source, 'document_id');
  return {
    id,
    submitterId: source.optionalText('submitter_id')?.toLowerCase() ?? null,
    submitted:
      timestamp(source, 'submission_date', 'submissionDate') ?? source.fullText('submission_date', 'submissionDate'),
    updated: timestamp(source, 'update_date', 'updateDate'),
  };
}

function timestamp(source: Members, name: string, older: string): string | null {
  const text = source.optionalText(name, older);
  if (text === null) return null;
  const utc = utcTimestamp(text);
  if (utc !== undefined) return utc;
  const remedy = 'Write it like 2018-11-02T10:03:39.600000Z, with at most six digits after the point.';
  throw source.error(source.find(name, older) ?? '', `is no timestamp: '${text}'`, remedy);
}
