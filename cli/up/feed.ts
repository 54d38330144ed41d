import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { readHmacKey } from '../../ingest/hmac-key.ts';
import { notifyAll, type Unsent } from '../../ingest/notify.ts';
import { unansweredCode } from '../pipeline/answers.ts';
import { Fed } from '../pipeline/fed.ts';
import { refresh } from '../pipeline/search.ts';
import { type CatalogStatus, PipelineObserver } from '../pipeline/status.ts';
import type { BundleFolder, FullBundleAction } from './bundle-folder.ts';
import type { Stage } from './progress.ts';
import { stages } from './stages.ts';

const pollMillis = 250;
/** Refusals of each folder that are shown one by one. */
const maxRefusals = 10;

/** Whom to tell. */
export interface Watcher {
  /** called with all stages whenever they were looked at */
  readonly show: (stages: readonly Stage[]) => void;
  /** called once with each thing that isn't as it should be: nothing of it ends the stack */
  readonly warn: (line: string) => void;
}

/** How feeding came out. */
export interface FeedResult {
  /** the last look; null where none succeeded */
  readonly all: readonly CatalogStatus[] | null;
  /** how many notifications were not accepted */
  readonly refused: number;
}

/**
 * Notifies the indexer's endpoint of everything in a folder that it has not acknowledged yet:
 * additions, then deletions. Refusals are shown, and the others go on.
 *
 * @param accepted called after each with how many of all were acknowledged
 * @returns how many were not
 */
async function feed(
  settings: Settings,
  { catalog, actions }: BundleFolder,
  accepted: (done: number) => void,
  warn: (line: string) => void,
): Promise<number> {
  const fed = new Fed(settings, catalog);
  const rest = actions.filter((action) => !fed.has(action));
  let done = actions.length - rest.length;
  accepted(done);
  const unsent: Unsent[] = [];
  for (const kind of ['add', 'delete'] as const) {
    const refused = await notifyAll(rest.filter(({ action }) => action === kind).map(toNotification), {
      url: `http://${settings.http.host}:${settings.http.indexer}`,
      key: readHmacKey(settings.hmacKeyFile),
      catalog,
      onAccepted: ({ action, fqid }) => {
        // Else it is fed once more, which changes nothing.
        attempt(() => fed.add({ action, ...fqid }), `can't remember what was fed`, warn);
        accepted(++done);
      },
    });
    unsent.push(...refused);
  }
  tell(catalog, unsent, warn);
  return unsent.length;
}

function tell(catalog: string, unsent: readonly Unsent[], warn: (line: string) => void): void {
  for (const { notification, reason } of unsent.slice(0, maxRefusals)) {
    const { action, fqid } = notification;
    warn(`not accepted: ${action} ${fqid.uuid}.${fqid.version} of catalog ${catalog}: ${reason.message}`);
  }
  const more = unsent.length - maxRefusals;
  if (more > 0) warn(`not accepted: ${more} more of catalog ${catalog}`);
}

/**
 * Feeds the folders and waits until everything that was fed, now or earlier, has come to its end.
 *
 * @param failed rejects when waiting is useless
 */
export async function feedUntilSettled(
  settings: Settings,
  folders: readonly BundleFolder[],
  watcher: Watcher,
  failed: Promise<never>,
): Promise<FeedResult> {
  const observer = new PipelineObserver(settings);
  const { show, warn } = { ...watcher, warn: once(watcher.warn) };
  const notified = new Map(folders.map(({ catalog }) => [catalog, 0]));
  const total = folders.reduce((n, { actions }) => n + actions.length, 0);
  let refused: number | null = null;
  const feeding = Promise.all(
    folders.map((folder) =>
      feed(settings, folder, (done) => notified.set(folder.catalog, done), warn).catch(({ message }: Error) => {
        warn(`feeding catalog ${folder.catalog} has ended: ${message}`);
        return folder.actions.length - (notified.get(folder.catalog) ?? 0);
      }),
    ),
  ).then((counts) => {
    refused = counts.reduce((a, b) => a + b, 0);
  });
  for (;;) {
    // Looked at after everything was fed, else what was fed in between would not be waited for.
    const last: number | null = refused;
    const all = await Promise.race([look(observer, warn), failed]);
    if (all !== null) show(stages(all, sum([...notified.values()]), total));
    for (const reason of all?.flatMap(({ paused }) => paused) ?? []) warn(`paused, ${reason}`);
    if (last !== null && all?.every(({ settled }) => settled)) break;
    const pause = new Promise((resolve) => setTimeout(resolve, pollMillis));
    await Promise.race([last === null ? Promise.race([feeding.then(() => pause), pause]) : pause, failed]);
  }
  await refresh(settings).catch(({ message }: Error) => warn(`what is found may be some seconds old: ${message}`));
  const all = await look(observer, warn);
  if (all !== null) show(stages(all, sum([...notified.values()]), total));
  return { all, refused: refused ?? 0 };
}

/** @returns null where nobody can tell: a worker is being started again, or overloaded, or the stack fails */
async function look(
  observer: PipelineObserver,
  warn: (line: string) => void,
): Promise<readonly CatalogStatus[] | null> {
  try {
    const all = await observer.look();
    return all.some(({ troubles }) => troubles.some(({ code }) => code === unansweredCode)) ? null : all;
  } catch (error) {
    if (!(error instanceof LazuliError && error.code === 'unavailable'))
      warn(`progress is unknown at present: ${(error as Error).message}`);
    return null;
  }
}

/** Says each thing once. */
function once(say: (line: string) => void): (line: string) => void {
  const said = new Set<string>();
  return (line) => {
    if (!said.has(line)) say(line);
    said.add(line);
  };
}

function attempt(act: () => void, problem: string, warn: (line: string) => void): void {
  try {
    act();
  } catch (error) {
    warn(`${problem}: ${(error as Error).message}`);
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const toNotification = ({ action, source, uuid, version }: FullBundleAction) => ({
  action,
  fqid: { source, uuid, version },
});
