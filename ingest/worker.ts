import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { defaultCatalog } from '../core/config/catalogs.ts';
import { hostNames } from '../core/config/peers.ts';
import type { Settings } from '../core/config/settings.ts';
import { ingestStage } from '../core/config/stages.ts';
import { openDeadLetters, openStaging, recordsFor, reportsFor } from '../core/deployment/stores.ts';
import { operatorsApp } from '../core/http/operators-app.ts';
import { listen } from '../core/http/server.ts';
import { readVersion } from '../core/http/version.ts';
import { Halts, halting } from '../core/runs/halts.ts';
import { Purges } from '../core/runs/purges.ts';
import { Reporting } from '../core/runs/reporting.ts';
import { systemClock } from '../core/runtime/clock.ts';
import { type Logger, processLogger } from '../core/runtime/logger.ts';
import { type FaultPoint, noFaults } from '../core/runtime/ports.ts';
import { LetterCounts, lettersOfIngest } from '../core/storage/letter-counts.ts';
import { archiving } from '../core/streams/archive.ts';
import { FirehoseArchive } from '../core/streams/firehose/archive.ts';
import { createKinesisClient } from '../core/streams/kinesis.ts';
import type { ConsumerLimits } from '../core/streams/limits.ts';
import type { RecordProcessor } from '../core/streams/processor.ts';
import { putRecords, type StreamEntry } from '../core/streams/producer.ts';
import { Answered } from './answered.ts';
import { type Beside, runAll } from './beside.ts';
import { callbacksFrom } from './callback.ts';
import { openCatalogs } from './catalogs.ts';
import { IngestMeter } from './counts.ts';
import { indexerApp } from './endpoint.ts';
import { indexerChecks } from './health.ts';
import { followHmacKeys } from './hmac-key.ts';
import { OutdatedBatches } from './outdated/outdated-batches.ts';
import { IngestProcessor } from './processor.ts';
import { readAlone } from './reading/alone.ts';
import { type KclDriver, ReadingTogether } from './reading/together.ts';
import { RefusedRedriving } from './refused.ts';
import { Restager } from './restaging/restager.ts';
import { askOwners } from './runs.ts';
import type { PutPointer } from './stage.ts';
import { controlApi, statusOf } from './status.ts';
import { Undeletions } from './undeletions.ts';

/** A process's part that runs until it is stopped. */
export interface Worker {
  /** where it listens, without a slash at the end */
  readonly url: string;
  /** Finishes what is being worked on. */
  stop(): Promise<void>;
}

export interface IngestOptions {
  readonly logger?: Logger;
  readonly fault?: FaultPoint;
  readonly consumer?: Partial<ConsumerLimits>;
  /** between looks whether a run wants something of the repository; default two seconds */
  readonly lookMillis?: number;
  /** absent: this process reads all shards, and no other one may */
  readonly kcl?: KclDriver | undefined;
}

/** Milliseconds for a put while a caller waits for its 202. */
const putMillis = 8_000;

/** Starts the notifications endpoint. @throws LazuliError `configuration_invalid`, `in_use` */
export async function startIndexer(
  settings: Settings,
  { logger = processLogger('indexer') }: { logger?: Logger } = {},
): Promise<Worker> {
  const { kinesis, http, limits } = settings;
  const client = createKinesisClient(settings);
  const [version, health] = await Promise.all([readVersion(), indexerChecks(settings)]);
  const staging = await openStaging(settings);
  const records = recordsFor(settings, staging);
  const answered = new Answered({ records, clock: systemClock, logger, window: limits.signatureMillis });
  const app = indexerApp({
    keys: followHmacKeys(settings.hmacKeyFile, logger),
    put: async (partitionKey, data) => {
      await putRecords(client, kinesis.notifications, [{ partitionKey, data }], { maxMillis: putMillis });
    },
    undeletions: new Undeletions(staging),
    runs: askOwners(settings),
    callbacksOf: callbacksFrom(settings),
    health,
    defaultCatalog: defaultCatalog(settings.catalogs),
    version,
    limits,
    logger,
    clock: systemClock,
    answered,
  });
  const server = await listen(app, { host: http.host, port: http.indexer, urlBytes: limits.urlBytes }).catch(
    (error: unknown) => {
      client.destroy();
      throw error;
    },
  );
  return {
    url: server.url,
    async stop() {
      await server.stop();
      await answered.stop();
      client.destroy();
    },
  };
}

/** Starts ingesting notifications. @throws LazuliError `configuration_invalid`, `in_use`, `staging_unavailable` */
export async function startIngest(
  settings: Settings,
  {
    logger = processLogger('ingest'),
    fault = noFaults,
    consumer: paces = {},
    lookMillis = 2_000,
    kcl,
  }: IngestOptions = {},
): Promise<Worker & { readonly done: Promise<void> }> {
  const client = createKinesisClient(settings);
  const { kinesis, limits, http } = settings;
  const meter = new IngestMeter(() => systemClock.now());
  const { open: catalogs, refused } = await openCatalogs(settings);
  for (const [catalog, error] of refused)
    logger.error({ err: error, catalog }, 'a catalog is refused; the others go on');
  const [store, deadLetters] = await Promise.all([openStaging(settings), openDeadLetters(settings)]);
  const archived = archiverOf(settings);
  const halts = new Halts(store, systemClock);
  const putPointer = pointersTo(client, kinesis.batches);
  const purges = new Purges(store, systemClock);
  const purgedUntil = () => purges.until();
  const ports = {
    catalogs,
    refused,
    store,
    putPointer,
    deadLetters,
    limits,
    clock: systemClock,
    fault,
    meter,
    purgedUntil,
  };
  const factory = () => archived(halting(new IngestProcessor(ports), halts, 'ingest'));
  const parts = { settings, client, staging: store, factory, paces, logger };
  const reading = kcl === undefined ? readAlone(parts) : new ReadingTogether(parts, kcl);
  const count = lettersOfIngest(deadLetters, Object.keys(settings.catalogs));
  const letters = new LetterCounts({ count, clock: systemClock, logger });
  const reporting = new Reporting({
    ...{ stage: ingestStage, reports: reportsFor(settings), clock: systemClock, logger },
    async look(at, before) {
      const report = await reading.report(at, before);
      return report && { ...report, deadLetters: letters.latest() };
    },
  });
  const put = (entries: readonly StreamEntry[], signal: AbortSignal) =>
    putRecords(client, kinesis.notifications, entries, { signal });
  const besides = (): readonly Beside[] => [
    new OutdatedBatches(catalogs, ports, logger),
    ...[...catalogs.values()].map((catalog) => new Restager({ catalog, ports, halts, logger, lookMillis })),
    new RefusedRedriving({ catalogs: catalogs.keys(), deadLetters, logger, put }),
  ];
  const beside = reading.alone((signal) => runAll(besides(), signal));
  const { urlBytes } = limits;
  const control = controlApi({ status: async () => statusOf(await reading.status(), meter, refused) });
  const app = operatorsApp(control, { logger, urlBytes, hosts: hostNames(settings) });
  const server = await listen(app, { host: http.host, port: http.ingest, urlBytes }).catch(async (error: unknown) => {
    await Promise.all([reading.stop(), reporting.stop(), beside]);
    throw error;
  });
  return {
    url: server.url,
    done: reading.done,
    async stop() {
      await Promise.all([reading.stop(), server.stop(), beside]);
      await reporting.stop();
      client.destroy();
    },
  };
}

/** Every notification goes to the archive, where there is one. */
function archiverOf({ firehose }: Settings): (processor: RecordProcessor) => RecordProcessor {
  if (firehose === undefined) return (processor) => processor;
  const { region, endpoint, notifications: stream } = firehose;
  const archive = new FirehoseArchive({ region, endpoint, stream });
  return (processor) => archiving(processor, archive);
}

function pointersTo(client: KinesisClient, stream: string): PutPointer {
  return async (pointer) => {
    const data = Buffer.from(JSON.stringify(pointer), 'utf8');
    await putRecords(client, stream, [{ partitionKey: pointer.catalog, data }]);
  };
}
