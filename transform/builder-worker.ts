import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { hostNames } from '../core/config/peers.ts';
import type { Settings } from '../core/config/settings.ts';
import { bucketOwnersOf } from '../core/control/workers.ts';
import { openDeadLetters, openStaging, recordsFor } from '../core/deployment/stores.ts';
import { metricsApp } from '../core/health/metrics.ts';
import { type Listening, listen } from '../core/http/server.ts';
import { systemClock } from '../core/runtime/clock.ts';
import { type Logger, processLogger } from '../core/runtime/logger.ts';
import { type FaultPoint, noFaults } from '../core/runtime/ports.ts';
import { markFolder, ownFolder } from '../core/storage/own-folder.ts';
import { metadataPlugin } from '../plugins/registry.ts';
import { BuilderLoop, type Pace } from './builders/loop.ts';
import { measuredBuckets } from './builders/metrics.ts';
import { BucketOwners } from './builders/owners.ts';
import { type OwnContext, Workbench } from './builders/workbench.ts';
import { openSearchCluster, type SearchCluster } from './sink/search-cluster.ts';

/** A running builder. */
export interface BuilderWorker extends Listening {
  /** Resolves when stopped. */
  readonly done: Promise<void>;
}

export interface BuilderOptions {
  readonly logger?: Logger;
  readonly fault?: FaultPoint;
  readonly pace?: Partial<Pace>;
  /** default: what the settings name */
  readonly cluster?: SearchCluster;
}

const usualPace: Pace = { idle: 1_000, beat: 3_000 };

/**
 * Starts a builder, of which a deployment may have any number, or none: it builds buckets of generations for the owners of
 * catalogs. It keeps nothing. At its URL are its metrics, for operators.
 *
 * @throws LazuliError `configuration_invalid`, `staging_unavailable`
 */
export async function startBuilder(
  settings: Settings,
  {
    logger = processLogger('builder'),
    fault = noFaults,
    pace = {},
    cluster = openSearchCluster(settings.opensearch.url),
  }: BuilderOptions = {},
): Promise<BuilderWorker> {
  const { http, limits, folders, catalogs, deployment } = settings;
  const clock = systemClock;
  const folder = ownFolder(join(folders.state, 'builders'), clock.now());
  const [objects, deadLetters] = await Promise.all([openStaging(settings), openDeadLetters(settings)]);
  const memory = { memoryBytes: limits.storeMemoryBytes, threads: limits.storeThreads };
  const shared = {
    ...{ deployment, objects, deadLetters, cluster, clock, logger, fault, limits },
    ...{ records: recordsFor(settings, objects), copying: null, reconcileMillis: 0, retiredMillis: 0 },
  };
  const name = `${process.pid}-${randomBytes(6).toString('hex')}`;
  const owners = new BucketOwners(name, bucketOwnersOf(settings), clock, logger);
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const loop = new BuilderLoop({
    ...{ owners, clock, logger, fault, pace: { ...usualPace, ...pace } },
    open: async (item) => {
      const { catalog } = item.of;
      const configured = catalogs[catalog];
      if (configured === undefined) return null;
      const { plugins, index } = configured;
      const plugin = await metadataPlugin(plugins.metadata.name, settings);
      const own: OwnContext = { ...shared, catalog, plugin, index };
      const bench = await Workbench.open(own, item, join(folder, 'copy'), memory);
      if (bench === null)
        logger.warn({ ...item.of }, 'nothing can be built: the copy is gone, or the owner is of another version');
      return bench;
    },
    onEnd: measuredBuckets(metrics, () => owners.held.size),
    onBeat: () => markFolder(folder, clock.now()),
  });
  const app = metricsApp(metrics, { logger, urlBytes: limits.urlBytes, hosts: hostNames(settings) });
  const server = await listen(app, { host: http.host, port: http.builder, urlBytes: limits.urlBytes });
  logger.info({ url: server.url, builder: name }, 'listening');
  const running = loop.run();
  return {
    ...server,
    done: running,
    stop: async () => {
      loop.stop();
      await Promise.allSettled([running, server.stop()]);
      await cluster.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
