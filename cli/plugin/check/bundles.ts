import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { jsonTextOf } from '../../../core/config/text.ts';
import type { BundleFqid } from '../../../core/model/bundle.ts';
import { parseVerbatim } from '../../../core/model/json.ts';
import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import { documentsTable, type NormalizedBundle } from '../../../core/model/normalized.ts';
import type { FetchedBundle } from '../../../core/model/repository.ts';
import type { Staged } from '../../../ingest/batch.ts';
import { normalizeBundle, normalizeContents } from '../../../ingest/normalize.ts';
import type { StagedNotification } from '../../../ingest/outdated/read.ts';
import { reassemble } from '../../../ingest/verbatim/reassemble.ts';
import type { Findings } from './finding.ts';

/** A sample bundle that was normalized, ready to be staged. */
export type Normalized = Staged & { readonly normalized: NormalizedBundle };

/** of text in one value, as in ingest by default */
const maxValueBytes = 32 * 2 ** 20;
const purity = 'Let it depend on its argument alone, and change nothing of it: no clock, no chance, no state.';

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
    checkPurity(plugin, fqid, { bytes, attributes }, first, findings);
    checkReach(fqid, first, findings);
    const contentHash = hash('sha256', bytes, 'hex');
    return { action: 'add', fqid, number: 0, contentHash, attributes, normalized: first, bytes: bytes.length };
  } catch (error) {
    findings.thrown(nameOf(fqid), error);
    return null;
  }
}

function checkPurity(
  plugin: MetadataPlugin,
  fqid: BundleFqid,
  { bytes, attributes }: Pick<FetchedBundle, 'bytes' | 'attributes'>,
  first: NormalizedBundle,
  findings: Findings,
): void {
  const [contents, untouched] = [0, 1].map(() => parseVerbatim(jsonTextOf(bytes)));
  const read = () => ({ contents: contents ?? null, repository: attributes });
  const again = normalizeContents(plugin, fqid, read, { bytes: bytes.length, maxValueBytes });
  if (!isDeepStrictEqual(again, first))
    findings.error(nameOf(fqid), '`normalize` gives something else the second time', purity);
  if (!isDeepStrictEqual(contents, untouched))
    findings.error(nameOf(fqid), '`normalize` changes the bundle that it is given', purity);
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
