import type { DocumentsCheck } from '../../core/control/verification.ts';
import type { Owner } from '../../core/control/workers.ts';
import { Snapshots } from '../../core/exports/snapshots.ts';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import { missingFiles, StagedBatches, stagedRemedy, type WrittenFile } from '../../core/staged/batches.ts';
import { type Manifest, tableKey } from '../../core/staged/layout.ts';
import { mismatchText } from '../../transform/reference/mismatch.ts';
import { damageOf } from './damage.ts';

/** Something that isn't what was written, and the command that corrects it. */
export interface Finding {
  readonly kind: 'manifest' | 'file' | 'snapshot' | 'document';
  /** key of an object, or `<entity type>/<entity id>` */
  readonly name: string;
  readonly problem: string;
  readonly remedy: string;
}

/** What was compared, and what isn't what was written. */
export interface Checked {
  /** manifests of batches that count */
  readonly manifests: number;
  /** files of these, and of the newest snapshot */
  readonly files: number;
  readonly bytes: number;
  /** the first ones */
  readonly findings: readonly Finding[];
}

/** Whom to tell how far it is. */
export type Tell = (line: string) => void;

/** Findings that are kept; more are counted. */
const most = 1_000;

const writeAgain = (catalog: string): string =>
  `Have them written again: \`lazuli recompute --source '*' --catalog ${catalog}\`; or build another generation: \`lazuli reindex --catalog ${catalog}\`.`;
const republish = (catalog: string): string => `Have another snapshot made: \`lazuli reindex --catalog ${catalog}\`.`;

/** Whether all that manifests name is there: keys are listed, and no file is read. @throws LazuliError `staging_unavailable` */
export async function listStaged(store: ObjectStore, catalog: string): Promise<Checked> {
  const { manifests, damaged } = await new StagedBatches(store, catalog).readable();
  const batches = manifests.map(({ batch, tables }) => ({ batch, tables: Object.keys(tables) }));
  const gone = await missingFiles(store, catalog, batches);
  const findings = [...unreadable(damaged, catalog), ...gone.map((key) => ofFile(key, 'is missing', catalog))];
  return { manifests: manifests.length, files: 0, bytes: 0, findings: findings.slice(0, most) };
}

/**
 * Reads all that is staged and counts, and the newest snapshot, and compares it with the sums that were noted when it was
 * written. A part of one file is in memory at a time.
 *
 * @throws LazuliError `staging_unavailable`
 */
export async function checkFiles(store: ObjectStore, catalog: string, tell: Tell): Promise<Checked> {
  const { manifests, damaged } = await new StagedBatches(store, catalog).readable();
  const snapshot = await snapshotOf(store, catalog);
  const staged = manifests.flatMap((manifest) => filesOf(catalog, manifest));
  const findings: Finding[] = [...unreadable(damaged, catalog), ...snapshot.findings];
  const all = [...staged, ...snapshot.files];
  let bytes = 0;
  for (const [i, file] of all.entries()) {
    const problem = await damageOf(await store.localPath(file.key), file, 'hash');
    bytes += file.bytes;
    tell(`${i + 1} of ${all.length} files, ${Math.round(bytes / 2 ** 20)} MiB`);
    if (problem === null || findings.length >= most) continue;
    findings.push(
      i < staged.length
        ? ofFile(file.key, problem, catalog)
        : { kind: 'snapshot', name: file.key, problem, remedy: republish(catalog) },
    );
  }
  return { manifests: manifests.length, files: all.length, bytes, findings };
}

const filesOf = (catalog: string, { batch, tables }: Manifest): readonly WrittenFile[] =>
  Object.entries(tables).map(([table, { bytes, sha256 }]) => ({ key: tableKey(catalog, table, batch), bytes, sha256 }));

const unreadable = (keys: readonly string[], catalog: string): readonly Finding[] =>
  keys.map((name) => ({ kind: 'manifest', name, problem: 'is not what was written', remedy: stagedRemedy(catalog) }));

const ofFile = (name: string, problem: string, catalog: string): Finding => ({
  ...{ kind: 'file', name, problem },
  remedy: stagedRemedy(catalog),
});

/** Files of the newest snapshot; one whose manifest is damaged is passed over by readers. */
async function snapshotOf(
  store: ObjectStore,
  catalog: string,
): Promise<{ readonly files: readonly WrittenFile[]; readonly findings: readonly Finding[] }> {
  const snapshots = new Snapshots(store, catalog);
  const last = (await snapshots.numbers()).at(-1);
  const newest = await snapshots.newest();
  const isReadable = last === undefined || (await snapshots.get(last)) !== null;
  const remedy = `${republish(catalog)} Until then readers take the one before.`;
  const finding: Finding = {
    kind: 'snapshot',
    name: `snapshot ${last}`,
    problem: 'has no manifest that can be read',
    remedy,
  };
  const files = Object.values(newest?.types ?? {}).flatMap(({ base, deltas }) => [...base, ...deltas]);
  return { files, findings: isReadable ? [] : [finding] };
}

/** All documents of a generation, compared byte by byte with what was written. */
export interface CheckedDocuments {
  readonly documents: number;
  readonly findings: readonly Finding[];
}

/**
 * Has the owner of a catalog compare documents, some at a time: in between it does its other work.
 *
 * @param generation absent: the one that serves
 * @throws LazuliError `unavailable`; Refused
 */
export async function checkDocuments(
  owner: Owner,
  catalog: string,
  generation: number | undefined,
  tell: Tell,
): Promise<CheckedDocuments> {
  const findings: Finding[] = [];
  let documents = 0;
  for (let after: DocumentsCheck['next'] = null; ; ) {
    const step: DocumentsCheck = await owner.verifyDocuments({ catalog, generation, after });
    documents += step.checked;
    tell(`${documents} of ${step.expected} documents`);
    for (const other of step.others.slice(0, most - findings.length))
      findings.push({
        kind: 'document',
        name: other.document,
        problem: mismatchText('', other).replace(/^[,:] /, ''),
        remedy: writeAgain(catalog),
      });
    if (step.next === null) return { documents, findings };
    after = step.next;
  }
}
