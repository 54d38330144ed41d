import { join } from 'node:path';
import { type ProcessIdentity, processesOf } from '../../../cli/engines/identity.ts';
import { freePair } from '../../../cli/engines/ports.ts';
import { writeBundles } from '../../../cli/generated-folder.ts';
import { catalogStates } from '../../../cli/pipeline/catalogs.ts';
import { type BundleFolder, type FullBundleAction, readBundleFolder } from '../../../cli/up/bundle-folder.ts';
import { folders } from '../../../cli/up/folders.ts';
import { DataFolderLock } from '../../../cli/up/lock.ts';
import { plainSteps } from '../../../cli/up/progress.ts';
import { startStack } from '../../../cli/up/stack.ts';
import { Supervisor } from '../../../cli/up/supervisor.ts';
import type { Settings } from '../../../core/config/settings.ts';
import type { GeneratorOptions } from '../../../core/model/generator.ts';
import { ensureHmacKey, readHmacKey } from '../../../ingest/hmac-key.ts';
import { notifyAll } from '../../../ingest/notify.ts';
import { serverHeap } from './search-server.ts';

/** A whole stack, its processes started the way `lazuli up` starts them. */
export interface Stack {
  readonly settings: Settings;
  readonly bundles: BundleFolder;
  /** bundles so far, those that were staged before among them */
  readonly notified: number;
  /** The processes of workers and service, without engines and emulator. */
  workers(): readonly ProcessIdentity[];
  /** Resolves when all are acknowledged. */
  notify(actions: readonly FullBundleAction[]): Promise<void>;
}

/** The data folder of a stack. */
export const dataFolder = (folder: string): string => join(folder, 'data');

/** Runs `work` with a stack whose repository has the bundles of a world. @param staged so many of them are in its staging folder */
export async function withStack<T>(
  {
    folder,
    world,
    staged = 0,
    say,
  }: { folder: string; world: GeneratorOptions; staged?: number; say: (line: string) => void },
  work: (stack: Stack) => Promise<T>,
): Promise<T> {
  const at = folders(dataFolder(folder));
  await writeBundles(join(folder, 'bundles'), world);
  const bundles = readBundleFolder(join(folder, 'bundles'));
  const lock = await DataFolderLock.acquire(at.data, say);
  const supervisor = new Supervisor(lock.mark, say);
  try {
    ensureHmacKey(at.hmacKey);
    const options = {
      port: await freePair(),
      plugins: [],
      opensearchUrl: undefined,
      kinesisUrl: undefined,
      heap: serverHeap,
    };
    const steps = plainSteps({ out: say }, Date.now);
    const settings = await startStack(at, options, [bundles], supervisor, steps);
    let notified = staged;
    const stack: Stack = {
      settings,
      bundles,
      get notified() {
        return notified;
      },
      workers: () => processesOf(lock.mark).filter(({ command }) => / run (?!emulator)\w+/.test(command)),
      async notify(actions) {
        await notify(settings, bundles, actions);
        notified += actions.length;
      },
    };
    return await Promise.race([work(stack), supervisor.failed]);
  } finally {
    await supervisor.stop();
    lock.release();
  }
}

const pollMillis = 100;
/** After this something is broken, not slow. */
const maxMillis = 2 * 3_600_000;

/** Resolves when a catalog has so many bundles and nothing is left to be written. */
export async function untilSettled(settings: Settings, catalog: string, bundles: number): Promise<void> {
  for (const deadline = Date.now() + maxMillis; Date.now() < deadline; ) {
    const state = (await catalogStates(settings))[catalog];
    const stored = (state?.sources ?? []).reduce((sum, source) => sum + source.stored, 0);
    if (stored >= bundles && state?.state === 'idle' && state.outbox === 0) return;
    await new Promise((resolve) => setTimeout(resolve, pollMillis));
  }
  throw new Error(`${bundles} bundles are not indexed after ${maxMillis / 3_600_000} hours`);
}

async function notify(
  { http, hmacKeyFile }: Settings,
  { catalog }: BundleFolder,
  actions: readonly FullBundleAction[],
): Promise<void> {
  const notifications = actions.map(({ action, source, uuid, version }) => ({
    action,
    fqid: { source, uuid, version },
  }));
  const [refused] = await notifyAll(notifications, {
    url: `http://${http.host}:${http.indexer}`,
    key: readHmacKey(hmacKeyFile),
    catalog,
  });
  if (refused !== undefined) throw refused.reason;
}
