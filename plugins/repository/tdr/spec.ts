import { LazuliError } from '../../../core/config/errors.ts';
import { parseSourceSpec } from '../../../core/config/sources.ts';

/** What a source spec says of a snapshot in the Terra Data Repository (specification, repository-plugins 4.1). */
export interface SnapshotName {
  /** Google project of the snapshot's tables */
  readonly project: string;
  readonly name: string;
}

const namePattern = /^tdr:bigquery:gcp:([^:]+):([^:]+)$/;

/** @throws LazuliError `configuration_invalid` */
export function parseTdrSpec(spec: string): SnapshotName {
  const [, project, name] = namePattern.exec(parseSourceSpec(spec).name) ?? [];
  if (project !== undefined && name !== undefined) return { project, name };
  throw new LazuliError('configuration_invalid', `Source '${spec}' is no snapshot of the Terra Data Repository`, {
    remedy:
      'Write it as tdr:bigquery:gcp:<project>:<snapshot>:<common>/<partition>, or with nothing after the last colon.',
  });
}
