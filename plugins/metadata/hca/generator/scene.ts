import { Random } from '../../../../core/model/random.ts';
import { type Dialect, dialects } from './dialects.ts';
import { stamp } from './moments.ts';
import type { ProjectPlan } from './plan.ts';

/** JSON to be; what is undefined is left out. */
export type Value = string | number | boolean | null | undefined | readonly Value[] | Fields;
export type Fields = { readonly [key: string]: Value };

/** A metadata document with the manifest entry of its data, if it is a file. */
export interface Entity {
  readonly type: string;
  readonly id: string;
  readonly document: Fields;
  readonly manifest?: Fields;
}

/** What everything in one bundle depends on. */
export interface Scene {
  readonly project: ProjectPlan;
  readonly ordinal: number;
  /** 0, or 1 for a second version of the bundle */
  readonly version: number;
  /** how often shared entities were revised before this copy of them was taken */
  readonly revision: number;
  readonly dialect: Dialect;
  /** for what belongs to this bundle alone */
  readonly random: Random;
  /** KB left for what comes in any number */
  readonly room: number;
}

/** Bundles of a project that were written in one dialect: small projects know one only. */
const bundlesPerDialect = 16;
/** KB of what each bundle has in any case */
const fixedRoom = 14;

export function dialectOf(project: ProjectPlan, ordinal: number): Dialect {
  const index = project.index + Math.max(0, Math.floor(ordinal / bundlesPerDialect));
  const dialect = dialects[index % dialects.length];
  if (dialect === undefined) throw new RangeError('There is no dialect');
  return dialect;
}

export function sceneOf(project: ProjectPlan, ordinal: number, version: number, copy: boolean): Scene {
  return {
    project,
    ordinal,
    version,
    revision: (ordinal % 3 === 2 ? 1 : 0) + version + (copy ? 2 : 0),
    dialect: dialectOf(project, ordinal),
    random: new Random(project.seed, 'scene', project.index, ordinal),
    room: Math.max(0, project.kilobytes - fixedRoom),
  };
}

/** How many things of so many KB fit into the share of the room, one at least. */
export function fitting(scene: Scene, kilobytes: number, share = 1): number {
  return Math.max(1, Math.round((scene.room * share) / kilobytes));
}

/** The newer or the older name of a property, as the dialect has it. */
export function named(scene: Scene, newer: string, older: string): string {
  return scene.dialect.old ? older : newer;
}

const majorTypes: Readonly<Record<string, string>> = { project: 'project', links: 'system' };

function majorType(type: string): string {
  if (type.endsWith('_file')) return 'file';
  if (type.endsWith('protocol')) return 'protocol';
  if (type.endsWith('process')) return 'process';
  return majorTypes[type] ?? 'biomaterial';
}

/** More than a document's fields can say about it. */
export interface Extras {
  readonly submitterId?: string | null;
  /** not in `content` even where the dialect wraps (specification, plugin-hca 2.2: top-level properties) */
  readonly bare?: boolean;
}

/**
 * An entity of the scene's project. Equal keys give the same entity in every bundle; copies differ
 * by the scene's revision and dialect only.
 */
export function define(
  scene: Scene,
  type: string,
  key: string | number,
  content: (random: Random) => Fields,
  extras: Extras = {},
): Entity {
  const random = new Random(scene.project.seed, scene.project.index, type, key);
  const id = random.uuid();
  const fields: Fields = {
    describedBy: `https://${scene.dialect.schemaHost}/type/${majorType(type)}/${random.between(1, 14)}.${random.between(0, 5)}.0/${type}`,
    schema_type: majorType(type),
    ...content(random),
  };
  return { type, id, document: documentOf(scene, id, fields, random, extras) };
}

function documentOf(scene: Scene, id: string, fields: Fields, random: Random, extras: Extras): Fields {
  const form = random.between(0, 9);
  const submitted = scene.project.submitted + random.between(0, 3_600_000);
  const updated = submitted + (1 + scene.revision) * 5_400_000;
  const update = form < 8 || scene.revision > 0 ? stamp(updated, form + 1) : form === 8 ? null : undefined;
  if (scene.dialect.wrapped && extras.bare !== true) {
    const provenance = { document_id: id, submissionDate: stamp(submitted, form), updateDate: update };
    return { content: fields, hca_ingest: { ...provenance, accession: '', submitter_id: extras.submitterId } };
  }
  const provenance = { document_id: id, submission_date: stamp(submitted, form), update_date: update };
  return {
    ...fields,
    ...(form === 7 ? { hca_ingest: null } : {}),
    provenance: { ...provenance, submitter_id: extras.submitterId },
  };
}
