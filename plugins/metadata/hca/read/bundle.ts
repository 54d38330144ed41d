import type { Bundle } from '../../../../core/model/bundle.ts';
import type { Json } from '../../../../core/model/metadata.ts';
import { invalid, isObject, type JsonObject, Members, show } from '../members.ts';
import type { Entity } from './entities.ts';
import { isProject, nameOf } from './entities.ts';
import { type EntityContext, readEntity } from './entity.ts';
import { Graph } from './graph.ts';
import { canonicalUuid } from './identifiers.ts';
import { isCanonicalTimestamp } from './timestamps.ts';

/** A bundle read and checked: its entities as a graph. */
export interface HcaBundle {
  readonly uuid: string;
  readonly version: string;
  readonly contents: JsonObject;
  readonly graph: Graph;
  /** number of the only project */
  readonly project: number;
}

/**
 * Reads a bundle (specification, plugin-hca 1).
 *
 * @throws LazuliError `bundle_invalid`
 */
export function readBundle({ fqid, contents, repository }: Bundle): HcaBundle {
  const { uuid, version } = fqid;
  const bundle = `bundle/${uuid}`;
  if (!isCanonicalTimestamp(version)) {
    const remedy = 'Name bundle versions like 2018-11-02T11:33:44.698028Z.';
    throw invalid(
      bundle,
      'version',
      `The bundle's version is no timestamp with six fractional digits: ${show(version)}`,
      remedy,
    );
  }
  if (!isObject(contents))
    throw invalid(bundle, '', 'The bundle is no object', 'Give it manifest, metadata and links.');
  const parts = new Members(bundle, contents);
  const context = {
    manifest: parts.object('manifest').json,
    stitched: stitchedIds(parts),
    drsDomain: repository.drs_domain,
  };
  const entities = readEntities(parts.object('metadata').json, context);
  const numbers = numbered(entities);
  requireOwnData(entities);
  const links = parts.object('links').json as Json;
  return {
    uuid,
    version,
    contents,
    graph: new Graph(entities, numbers, links, `links/${uuid}`),
    project: theProject(entities, bundle),
  };
}

function readEntities(metadata: JsonObject, context: EntityContext): Entity[] {
  const entities: Entity[] = [];
  for (const [key, document] of Object.entries(metadata)) entities.push(readEntity(key, document, context));
  return entities;
}

function stitchedIds(parts: Members): ReadonlySet<string> {
  const ids = parts.list('stitched').map((id, i) => {
    const uuid = canonicalUuid(id);
    if (uuid === undefined) throw parts.error(`stitched.${i}`, `is no document UUID: ${show(id)}`, 'Correct the list.');
    return uuid;
  });
  return new Set(ids);
}

/** Numbers of the entities by document id, of which each has one of its own. */
function numbered(entities: readonly Entity[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const [number, entity] of entities.entries()) {
    const known = numbers.get(entity.id);
    if (known !== undefined) {
      const twin = entities[known] as Entity;
      const message = `${twin.key} and ${entity.key} have the same document id`;
      throw invalid(nameOf(entity), 'provenance.document_id', message, 'Give every document an id of its own.');
    }
    numbers.set(entity.id, number);
  }
  return numbers;
}

/** By the UUID of its data a file is found and downloaded: each has one of its own. */
function requireOwnData(entities: readonly Entity[]): void {
  const known = new Map<string, Entity>();
  for (const entity of entities) {
    if (entity.core !== 'file') continue;
    const { uuid } = entity.manifest;
    const twin = known.get(uuid);
    if (twin !== undefined) {
      const message = `${twin.key} and ${entity.key} have the same UUID in the manifest: ${uuid}`;
      throw invalid(entity.key, 'manifest.uuid', message, 'Give every data file a UUID of its own.');
    }
    known.set(uuid, entity);
  }
}

function theProject(entities: readonly Entity[], bundle: string): number {
  const first = entities.findIndex(isProject);
  if (first < 0) throw invalid(bundle, 'metadata', 'The bundle holds no project', 'Add the metadata of its project.');
  const last = entities.findLastIndex(isProject);
  if (last === first) return first;
  const [one, other] = [entities[first] as Entity, entities[last] as Entity];
  const message = `The bundle holds more than one project: ${nameOf(one)} and ${nameOf(other)}`;
  throw invalid(bundle, 'metadata', message, 'Leave the project to which the bundle belongs.');
}
