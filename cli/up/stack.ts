import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { authorized } from '../../core/http/ask.ts';
import { createKinesisClient } from '../../core/streams/kinesis.ts';
import { ensureStream } from '../../core/streams/stream.ts';
import { clusterHealth, startOpenSearch } from '../engines/opensearch.ts';
import { freePort } from '../engines/ports.ts';
import type { BundleFolder } from './bundle-folder.ts';
import { composeSettings, type StackOptions, writeSettings } from './configuration.ts';
import type { Folders } from './folders.ts';
import type { Steps } from './progress.ts';
import { untilAnswers } from './readiness.ts';
import { roleSpec, type Supervisor } from './supervisor.ts';

const notificationShards = 4;
const batchShards = 1;
/** A week: a stack that was stopped for some days goes on where it was. */
const retentionHours = 168;

/** Later ones depend on earlier ones; they end in the opposite order. */
const roles = ['transform', 'ingest', 'export', 'query', 'indexer'] as const;

/** MiB of heap for OpenSearch. */
export interface EngineOptions extends StackOptions {
  readonly heap: number;
}

/**
 * Starts engines and workers, creates streams, and waits until every process answers. What was
 * started is the supervisor's from the moment it exists.
 *
 * @throws LazuliError naming what did not start, and why
 */
export async function startStack(
  folders: Folders,
  options: EngineOptions,
  bundles: readonly BundleFolder[],
  supervisor: Supervisor,
  steps: Steps,
): Promise<Settings> {
  const kinesis = await steps.run('Kinesis emulator', () => kinesisEndpoint(folders, options, supervisor));
  const opensearch = await steps.run('OpenSearch', (say) => opensearchUrl(folders, options, supervisor, say));
  const settings = await composeSettings(folders, options, bundles, { kinesis, opensearch });
  await writeSettings(folders, settings, bundles);
  await steps.run('streams', () => createStreams(settings));
  await steps.run('workers', () => startWorkers(folders, settings, supervisor));
  supervisor.serving();
  return settings;
}

async function opensearchUrl(
  folders: Folders,
  { opensearchUrl: given, heap }: EngineOptions,
  supervisor: Supervisor,
  say: (line: string) => void,
): Promise<string> {
  if (given !== undefined) {
    if ((await clusterHealth(given)) !== null) return given;
    throw new LazuliError(
      'index_unavailable',
      `OPENSEARCH_URL names ${shownUrl(given)}, where no OpenSearch answers.`,
      {
        remedy: 'Start it, correct the variable, or unset it to have a server started for you.',
      },
    );
  }
  const { url, child } = await startOpenSearch({
    folder: folders.opensearch,
    log: join(folders.logs, 'opensearch.log'),
    cluster: `lazuli-${createHash('sha256').update(folders.data).digest('hex').slice(0, 16)}`,
    heap,
    mark: supervisor.mark,
    say,
    started: (started) => supervisor.track(started),
  });
  supervisor.relyOn(child);
  return url;
}

/** What of it isn't secret. */
const shownUrl = (url: string): string => (URL.canParse(url) ? authorized(url).href : 'what is no URL');

async function kinesisEndpoint(
  folders: Folders,
  { kinesisUrl }: StackOptions,
  supervisor: Supervisor,
): Promise<string> {
  if (kinesisUrl !== undefined) return kinesisUrl;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ['--folder', folders.emulator, '--port', String(port)];
  await supervisor.keep(roleSpec('emulator', args, folders.logs, supervisor.mark));
  // It answers anything but a signed POST with a refusal.
  await untilAnswers('the Kinesis emulator', url, supervisor.failed, () => true);
  return url;
}

async function createStreams(settings: Settings): Promise<void> {
  const client = createKinesisClient(settings);
  try {
    await ensureStream(client, settings.kinesis.notifications, notificationShards, { retentionHours });
    await ensureStream(client, settings.kinesis.batches, batchShards, { retentionHours });
  } finally {
    client.destroy();
  }
}

async function startWorkers({ config, logs }: Folders, { http }: Settings, supervisor: Supervisor): Promise<void> {
  for (const role of roles) await supervisor.keep(roleSpec(role, ['--config', config], logs, supervisor.mark));
  const at = (port: number, path: string): string => `http://${http.host}:${port}${path}`;
  await untilAnswers('transform', at(http.transform, '/status'), supervisor.failed);
  await untilAnswers('ingest', at(http.ingest, '/status'), supervisor.failed);
  await untilAnswers('export', at(http.export, '/health/basic'), supervisor.failed);
  await untilAnswers('query', at(http.query, '/health/basic'), supervisor.failed);
  await untilAnswers('indexer', at(http.indexer, '/health/basic'), supervisor.failed);
}
