import { resolve } from 'node:path';
import { ensureHmacKey } from '../../ingest/hmac-key.ts';
import { refusedPlugins } from '../../plugins/registry.ts';
import { ExitCode, failure, type Output, printLines, printMessage } from '../output.ts';
import { writeForOwnerOnly } from '../owner-only.ts';
import { provideBuilders } from './builders.ts';
import { type BundleChoice, chooseBundles } from './bundles.ts';
import { earlierSettings, pluginsOf, requirePorts } from './configuration.ts';
import { feedUntilSettled } from './feed.ts';
import { folders } from './folders.ts';
import { DataFolderLock } from './lock.ts';
import { forgetLost, isLossy } from './lost.ts';
import { steps } from './progress.ts';
import { sampleUrls } from './sample-urls.ts';
import { type EngineOptions, startStack } from './stack.ts';
import { Supervisor } from './supervisor.ts';

/** Options of `lazuli up`. */
export interface UpOptions extends EngineOptions, BundleChoice {
  readonly data: string;
  /** end when everything can be found */
  readonly once: boolean;
}

/**
 * A whole local stack, until `asked` resolves or the stack can't go on. Leaves no process behind.
 *
 * @param asked resolves when this process is to end
 */
export async function up(options: UpOptions, output: Output, asked: Promise<unknown>): Promise<void> {
  output.goOn();
  writeForOwnerOnly();
  const at = folders(resolve(options.data));
  const lock = await DataFolderLock.acquire(at.data, output.out);
  const supervisor = new Supervisor(lock.mark, (message) => printMessage(output.err, message));
  const ending = new AbortController();
  try {
    await Promise.race([serve(options, at, supervisor, output, ending.signal), asked, supervisor.failed]);
  } finally {
    ending.abort();
    await supervisor.stop();
    lock.release();
  }
}

async function serve(
  options: UpOptions,
  at: ReturnType<typeof folders>,
  supervisor: Supervisor,
  output: Output,
  ending: AbortSignal,
): Promise<void> {
  await requirePorts(options.port);
  const shown = steps(output);
  const warn = (message: string): void => printMessage(output.err, message);
  const earlier = await earlierSettings(at);
  await checkPlugins(options.plugins, pluginsOf(options.plugins, earlier), warn);
  const bundles = await shown.run('sample bundles', (say) => chooseBundles(at, options, earlier, say));
  ensureHmacKey(at.hmacKey);
  const mayHaveLost = isLossy(at, options.kinesisUrl);
  const settings = await startStack(at, options, bundles, supervisor, shown);
  provideBuilders(settings, at, supervisor, ending).catch((error: Error) => warn(`no builders: ${error.message}`));
  if (mayHaveLost) await forgetLost(settings, warn);
  const { all, refused } = await shown.follow((show) =>
    feedUntilSettled(settings, bundles, { show, warn }, supervisor.failed),
  );
  for (const { catalog, failures } of all ?? []) {
    const failed = Object.values(failures).reduce((a, b) => a + b, 0);
    const where = catalog === null ? 'of no catalog' : `in catalog ${catalog}`;
    if (failed > 0) warn(`${failed} dead letters ${where}: see \`lazuli dead-letters list\``);
  }
  const urls = await sampleUrls(settings, warn);
  output.out(`ready: http://127.0.0.1:${settings.http.query}`);
  printLines(output.out, ['Try:', ...urls.map((url) => `  ${url}`)]);
  output.out(`Notifications: http://127.0.0.1:${settings.http.indexer}   Data: ${at.data}   End: Ctrl-C`);
  if (!options.once) await supervisor.failed;
  if (refused > 0 || !all?.every(({ finished }) => finished)) throw new ExitCode(failure);
}

/** Reports what is wrong with given plug-ins before anything starts; one of an earlier start may not be needed any more. */
async function checkPlugins(
  given: readonly string[],
  all: readonly string[],
  warn: (message: string) => void,
): Promise<void> {
  const [wrong] = await refusedPlugins({ plugins: given });
  if (wrong !== undefined) throw wrong;
  for (const { message } of await refusedPlugins({ plugins: all })) warn(message);
}
