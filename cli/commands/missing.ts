import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LazuliError } from '../../core/config/errors.ts';
import { peerUrl } from '../../core/config/peers.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { Restriction } from '../../core/config/sources.ts';
import { readHmacKey } from '../../ingest/hmac-key.ts';
import { notifyAll, type Unsent } from '../../ingest/notify.ts';
import { compareAll, type SourceCounts } from '../missing/comparison.ts';
import { Plan } from '../missing/plan.ts';
import { readStaged, writeStaged } from '../missing/staged-versions.ts';
import { ExitCode, failure, json, type Output, printLines, table } from '../output.ts';
import { repositoryOf } from '../pipeline/repository.ts';

export interface MissingOptions {
  readonly restriction: Restriction;
  readonly dryRun: boolean;
  readonly acceptsVanished: boolean;
  readonly asJson: boolean;
}

/** Deletions that need no confirmation: so many, or a part of what is staged. */
const fewDeletions = 100;
const smallPart = 0.01;
/** After so many that weren't accepted, the indexer doesn't work. */
const mostUnsent = 100;
/** between two lines about the progress */
const progressMillis = 2_000;

/**
 * `lazuli reindex --from repository --missing`: notifies of what the repository has and nobody has notified of, and of what it
 * has no longer. Whoever runs it again continues: what has been staged meanwhile isn't notified of.
 *
 * @throws LazuliError `conflict` where many bundles would vanish and nobody has accepted that
 */
export async function notifyMissing(
  settings: Settings,
  catalog: string,
  options: MissingOptions,
  output: Output,
): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'lazuli-missing-'));
  const [added, deleted] = [new Plan('add', scratch), new Plan('delete', scratch)];
  try {
    const sources = await compared(settings, catalog, { ...options, scratch, added, deleted }, output);
    if (options.dryRun) return showPlan(catalog, sources, { added, deleted }, options, output);
    if (!options.acceptsVanished) requireFew(catalog, sources, deleted);
    const unsent = await send(settings, catalog, [added, deleted], progressTo(output, options));
    showSent(catalog, sources, { added, deleted, unsent }, options, output);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface Comparing extends MissingOptions {
  readonly scratch: string;
  readonly added: Plan;
  readonly deleted: Plan;
}

/** What is staged is read first: what is notified and staged while the repository is listed isn't taken for gone. */
async function compared(
  settings: Settings,
  catalog: string,
  { restriction, scratch, added, deleted, ...options }: Comparing,
  output: Output,
): Promise<readonly SourceCounts[]> {
  const file = join(scratch, 'staged');
  await writeStaged(settings, catalog, restriction, file);
  const progress = progressTo(output, options);
  const done = new AbortController();
  return compareAll({
    ...{
      repository: await repositoryOf(settings, catalog),
      restriction,
      staged: readStaged(file),
      signal: done.signal,
    },
    onNotification: (notification) => (notification.action === 'add' ? added : deleted).add(notification),
    onListed: (source, listed) => progress(() => `${listed} bundles of source ${source} compared`),
  }).finally(() => done.abort());
}

async function send(
  settings: Settings,
  catalog: string,
  plans: readonly Plan[],
  progress: (line: () => string) => void,
): Promise<readonly Unsent[]> {
  const total = plans.reduce((sum, { count }) => sum + count, 0);
  const key = readHmacKey(settings.hmacKeyFile);
  const unsent: Unsent[] = [];
  let accepted = 0;
  const onAccepted = () => {
    accepted++;
    progress(() => `${accepted} of ${total} notifications accepted`);
  };
  for (const plan of plans) {
    const giveUpAfter = mostUnsent - unsent.length;
    const to = { url: peerUrl(settings, 'indexer'), key, catalog, onAccepted, giveUpAfter };
    unsent.push(...(await notifyAll(plan.notifications(), to)));
  }
  return unsent;
}

function requireFew(catalog: string, sources: readonly SourceCounts[], { count, names }: Plan): void {
  const staged = sources.reduce((sum, source) => sum + (source.listed === null ? 0 : source.staged), 0);
  if (count <= Math.max(fewDeletions, staged * smallPart)) return;
  const what = `${count} versions of ${staged} bundles of ${catalog} would be deleted, such as ${names.join(', ')}`;
  throw new LazuliError('conflict', `${what}. Nothing was notified.`, {
    remedy: 'Find out why the repository lists so few. If it is right, say --accept-vanished.',
  });
}

/** Lines about the work, now and then. */
function progressTo({ out, err }: Output, { asJson }: Pick<MissingOptions, 'asJson'>): (line: () => string) => void {
  let last = Date.now();
  return (line) => {
    if (Date.now() - last < progressMillis) return;
    last = Date.now();
    (asJson ? err : out)(line());
  };
}

interface Plans {
  readonly added: Plan;
  readonly deleted: Plan;
}

function showPlan(
  catalog: string,
  sources: readonly SourceCounts[],
  { added, deleted }: Plans,
  { asJson }: MissingOptions,
  output: Output,
): void {
  const names = { add: added.names, delete: deleted.names };
  if (asJson) {
    output.data(json({ catalog, dryRun: true, add: added.count, delete: deleted.count, names, sources }));
    return;
  }
  const lines = [added, deleted].flatMap(({ action, count, names: some }) =>
    count === 0 ? [] : [`${action}: ${some.join(', ')}${count > some.length ? ', …' : ''}`],
  );
  const what = `${added.count} additions and ${deleted.count} deletions of ${catalog} would be notified`;
  printLines(output.out, [what, ...lines, ...tableOf(sources)]);
}

function showSent(
  catalog: string,
  sources: readonly SourceCounts[],
  { added, deleted, unsent }: Plans & { readonly unsent: readonly Unsent[] },
  { asJson }: MissingOptions,
  output: Output,
): void {
  const failed = unsent.map(({ notification: { action, fqid }, reason }) => ({
    action,
    ...fqid,
    reason: reason.message,
  }));
  if (asJson) output.data(json({ catalog, add: added.count, delete: deleted.count, failed, sources }));
  else {
    const what = `${added.count} additions and ${deleted.count} deletions of ${catalog} were missing`;
    const left = unsent.length === 0 ? 'all are notified' : `${unsent.length} or more could not be notified`;
    printLines(output.out, [`${what}; ${left}`, ...tableOf(sources)]);
  }
  const [first] = unsent;
  if (first === undefined) return;
  if (asJson) throw new ExitCode(failure);
  throw first.reason;
}

function tableOf(sources: readonly SourceCounts[]): readonly string[] {
  if (sources.length === 0) return [];
  const rows = sources.map(({ source, listed, staged, added, deleted, left }) => [
    ...[source, listed ?? 'not in the repository', staged, added, deleted, left],
  ]);
  return table(['source', 'listed', 'staged', 'to add', 'to delete', 'deleted here'], rows);
}
