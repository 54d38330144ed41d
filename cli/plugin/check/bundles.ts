import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { jsonTextOf } from '../../../core/config/text.ts';
import type { BundleFqid } from '../../../core/model/bundle.ts';
import { parseVerbatim } from '../../../core/model/json.ts';
import type { Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import { documentsTable, type NormalizedBundle } from '../../../core/model/normalized.ts';
import type { FetchedBundle } from '../../../core/model/repository.ts';
import type { Staged } from '../../../ingest/batch.ts';
import { normalizeBundle, normalizeContents } from '../../../ingest/normalize.ts';
import type { StagedNotification } from '../../../ingest/outdated/read.ts';
import { reassemble } from '../../../ingest/verbatim/reassemble.ts';
import { normalizeFindings } from '../../../plugins/battery/metadata.ts';
import type { Findings } from './finding.ts';

/** A sample bundle that was normalized, ready to be staged. */
export type Normalized = Staged & { readonly normalized: NormalizedBundle; readonly contents: Json };

/** of text in one value, as in ingest by default */
const maxValueBytes = 32 * 2 ** 20;

/** A bundle as errors name it. */
export const nameOf = ({ uuid, version }: BundleFqid): string => `bundle ${uuid}.${version}`;

/**
 * Normalizes a bundle as ingest does, and again, to see whether that gives the same. Pure but for `findings`.
 *
 * @returns null where the bundle is refused
 */
export function normalized(
  plugin: MetadataPlugin,
  fqid: BundleFqid,
  { bytes, attributes }: FetchedBundle,
  findings: Findings,
): Normalized | null {
  try {
    const first = normalizeBundle(plugin, fqid, { bytes, attributes }, maxValueBytes);
    const contents = parseVerbatim(jsonTextOf(bytes));
    for (const { where, what, remedy } of normalizeFindings(plugin, { fqid, contents, repository: attributes }))
      findings.error(where, what, remedy);
    checkReach(fqid, first, findings);
    const contentHash = hash('sha256', bytes, 'hex');
    return {
      action: 'add',
      fqid,
      number: 0,
      contentHash,
      attributes,
      normalized: first,
      bytes: bytes.length,
      contents,
    };
  } catch (error) {
    findings.thrown(nameOf(fqid), error);
    return null;
  }
}

/** A row that no entity has is staged for nothing. */
function checkReach(fqid: BundleFqid, { rows, sets, entities }: NormalizedBundle, findings: Findings): void {
  const used = new Set(entities.flatMap(({ sets: own }) => Object.values(own)));
  const reached = new Set([...used].flatMap((set) => sets[set - 1] ?? []));
  const lost = rows.filter(({ table }, number) => table !== documentsTable && !reached.has(number));
  const tables = [...new Set(lost.map(({ table }) => table))].sort();
  for (const table of tables)
    findings.warn(
      nameOf(fqid),
      `rows of table '${table}' are in no set of any entity: no document shows them`,
      'Put them into the sets of the entities that they belong to, or make no such rows.',
    );
  if (entities.length === 0) findings.warn(nameOf(fqid), 'it makes no document', 'Have `normalize` add its entities.');
}

/** What is staged of a bundle has to give the same rows: so it is normalized again when `version` is raised. */
export function checkReassembly(
  plugin: MetadataPlugin,
  { fqid, documents, attributes }: StagedNotification,
  staged: Normalized | undefined,
  findings: Findings,
): void {
  try {
    const read = () => ({ contents: reassemble(documents), repository: attributes });
    const again = normalizeContents(plugin, fqid, read, { bytes: staged?.bytes ?? 0, maxValueBytes });
    if (isDeepStrictEqual(again, staged?.normalized)) return;
    findings.error(nameOf(fqid), 'what is staged of it gives other rows', 'Stage every part by `builder.document`.');
  } catch (error) {
    findings.thrown(nameOf(fqid), error, 'Stage every part by `builder.document`.');
  }
}
