import type { Json } from '../../../../core/model/metadata.ts';
import type { ManifestEntry } from './manifest.ts';
import type { Core } from './schemas.ts';

/** One metadata document of a bundle, read and checked; a node of the bundle's graph. */
export type Entity = Project | Biomaterial | DataFile | Process | Protocol;

/** Values of a row by column, as staged. */
export type Values = Readonly<Record<string, unknown>>;

interface Common {
  readonly core: Core;
  /** concrete class, as `describedBy` says */
  readonly schema: string;
  /** lower-case document UUID */
  readonly id: string;
  /** of the map `metadata` of the bundle */
  readonly key: string;
  /** lower-case UUID */
  readonly submitterId: string | null;
  /** canonical timestamp */
  readonly submitted: string;
  readonly updated: string | null;
  /** pulled in from upstream only to complete the graph */
  readonly stitched: boolean;
  /** the document to be staged verbatim */
  readonly document: Json;
}

export interface Project extends Common {
  readonly core: 'project';
  readonly values: Values;
}

export interface Biomaterial extends Common {
  readonly core: 'biomaterial';
  readonly biomaterialId: string | null;
  /** of the row of its own kind, as far as the document says them */
  readonly values: Values;
  /** cell lines, organoids and specimens are samples */
  readonly sample: Sample | null;
  /** estimated cells of a cell suspension */
  readonly cells: number | null;
}

/** Where a sample comes from, or what it models. */
export interface Sample {
  readonly organ: string | null;
  readonly organParts: readonly (string | null)[];
}

export interface DataFile extends Common {
  readonly core: 'file';
  readonly manifest: ManifestEntry;
  readonly format: string | null;
  readonly contentDescription: readonly (string | null)[];
  readonly source: string | null;
  /** columns that only files of this schema have */
  readonly extra: Values;
  /** top-level description, which holds the strata of a supplementary matrix */
  readonly description: string | null | undefined;
}

export interface Process extends Common {
  readonly core: 'process';
}

export interface Protocol extends Common {
  readonly core: 'protocol';
  readonly values: Values;
}

export const isProject = ({ core }: Entity): boolean => core === 'project';
export const isFile = ({ core }: Entity): boolean => core === 'file';
/** A data file that the bundle doesn't borrow. */
export const isOwnFile = ({ core, stitched }: Entity): boolean => core === 'file' && !stitched;
export const isSpecimen = ({ schema }: Entity): boolean => schema === 'specimen_from_organism';
export const isSuspension = ({ schema }: Entity): boolean => schema === 'cell_suspension';

/** `<schema>/<id>`: how errors name an entity. */
export function nameOf({ schema, id }: Entity): string {
  return `${schema}/${id}`;
}
