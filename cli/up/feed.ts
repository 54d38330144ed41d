import { LazuliError } from '../../config/errors.ts';
import type { Settings } from '../../config/settings.ts';
import { readHmacKey } from '../../ingest/hmac-key.ts';
import { notifyAll } from '../../ingest/notify.ts';
import { Fed } from '../pipeline/fed.ts';
import { type CatalogStatus, PipelineObserver } from '../pipeline/status.ts';
import { refresh } from '../pipeline/workers.ts';
import type { BundleFolder, FullBundleAction } from './bundle-folder.ts';
import type { Stage } from './progress.ts';

const pollMillis = 250;

/**
 * Notifies the indexer's endpoint of everything in a folder that it has not acknowledged yet:
 * additions, then deletions.
 *
 * @param accepted called after each with how many of all were acknowledged
 * @throws LazuliError the reason why a notification was not accepted
 */
export async function feed(
  settings: Settings,
  { catalog, actions }: BundleFolder,
  fed: Fed,
  accepted: (done: number) => void,
): Promise<void> {
  const rest = actions.filter((action) => !fed.has(action));
  let done = actions.length - rest.length;
  accepted(done);
  for (const kind of ['add', 'delete'] as const) {
    const unsent = await notifyAll(rest.filter(({ action }) => action === kind).map(toNotification), {
      url: `http://${settings.http.host}:${settings.http.indexer}`,
      key: readHmacKey(settings.hmacKeyFile),
      catalog,
      onAccepted: ({ action, fqid }) => {
        fed.add({ action, ...fqid });
        accepted(++done);
      },
    });
    const [first] = unsent;
    if (first !== undefined) throw first.reason.at({ catalog, bundle: nameOf(first.notification.fqid) });
  }
}

/**
 * Feeds the folders and waits until everything that was fed, now or earlier, can be found.
 *
 * @param show called with all stages whenever they were looked at
 * @param warn called once with each reason why nothing goes on
 * @param failed rejects when waiting is useless
 * @returns the last look
 */
export async function feedUntilSearchable(
  settings: Settings,
  folders: readonly BundleFolder[],
  show: (stages: readonly Stage[]) => void,
  warn: (line: string) => void,
  failed: Promise<never>,
): Promise<readonly CatalogStatus[]> {
  const observer = new PipelineObserver(settings);
  const notified = new Map(folders.map(({ catalog }) => [catalog, 0]));
  const total = folders.reduce((n, { actions }) => n + actions.length, 0);
  const feeding = Promise.all(
    folders.map((folder) =>
      feed(settings, folder, new Fed(settings, folder.catalog), (done) => notified.set(folder.catalog, done)),
    ),
  );
  const warned = new Set<string>();
  let fedAll = false;
  const watched = feeding.then(() => {
    fedAll = true;
  });
  watched.catch(() => {});
  for (;;) {
    // Looked at after everything was fed, else what was fed in between would not be waited for.
    const last = fedAll;
    const all = await Promise.race([unlessRestarting(observer), failed]);
    const acknowledged = [...notified.values()].reduce((a, b) => a + b, 0);
    if (all !== null) show(stages(all, acknowledged, total));
    for (const reason of all?.flatMap(({ paused }) => paused) ?? []) {
      if (!warned.has(reason)) warn(`paused, ${reason}`);
      warned.add(reason);
    }
    if (last && all?.every(({ finished }) => finished)) break;
    const pause = new Promise((resolve) => setTimeout(resolve, pollMillis));
    await Promise.race([fedAll ? pause : Promise.race([watched.then(() => pause), pause]), failed]);
  }
  await refresh(settings);
  const all = await observer.look();
  show(stages(all, total, total));
  return all;
}

/** @returns null while a worker doesn't answer: it is being started again, or the stack fails */
async function unlessRestarting(observer: PipelineObserver): Promise<readonly CatalogStatus[] | null> {
  try {
    return await observer.look();
  } catch (error) {
    if (error instanceof LazuliError && error.code === 'unavailable') return null;
    throw error;
  }
}

/** Pure. Bundles in the first stages, documents in the last. */
export function stages(all: readonly CatalogStatus[], notified: number, fed: number): readonly Stage[] {
  const sum = (count: (status: CatalogStatus) => number): number => all.reduce((n, status) => n + count(status), 0);
  const staged = sum(({ sources }) => sources.reduce((n, source) => n + source.staged, 0));
  const waiting = sum(({ inFlight }) => inFlight.notifications);
  const indexed = sum(({ documents }) => Object.values(documents.indexed).reduce((a, b) => a + b, 0));
  return [
    { name: 'notified', unit: 'bundles', done: notified, total: fed },
    { name: 'staged', unit: 'bundles', done: staged, total: Math.max(staged + waiting, fed - sum(failures)) },
    {
      name: 'stored',
      unit: 'batches',
      done: sum(({ batches }) => batches.stored),
      total: sum(({ batches }) => batches.staged),
    },
    { name: 'indexed', unit: 'documents', done: indexed, total: indexed + sum(({ inFlight }) => inFlight.documents) },
  ];
}

const failures = (status: CatalogStatus): number => Object.values(status.failures).reduce((a, b) => a + b, 0);

const toNotification = ({ action, source, uuid, version }: FullBundleAction) => ({
  action,
  fqid: { source, uuid, version },
});

const nameOf = ({ uuid, version }: { uuid: string; version: string }): string => `${uuid}.${version}`;

/** @throws LazuliError `unavailable` when a URL that is to be shown does not work */
export async function requireWorking(urls: readonly string[]): Promise<void> {
  for (const url of urls) {
    const { status } = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (status === 200) continue;
    throw new LazuliError('unavailable', `${url} answers ${status}.`, {
      remedy: 'The log of the service, logs/query.log in the data folder, says why.',
    });
  }
}
