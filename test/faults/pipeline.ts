import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Settings } from '../../core/config/settings.ts';
import type { CatalogStatus, TransformStatus } from '../../core/control/catalog-status.ts';
import type { IngestStatus } from '../../core/control/ingest.ts';
import { indexName } from '../../core/documents/index-layout.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import type { DeadLetter } from '../../core/storage/dead-letter.ts';
import { StoredDeadLetters } from '../../core/storage/dead-letters.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { putRecords } from '../../core/streams/producer.ts';
import { ensureStream } from '../../core/streams/stream.ts';
import { encodeNotification } from '../../ingest/notification.ts';
import { startIngest } from '../../ingest/worker.ts';
import { startTransform, type TransformWorker } from '../../transform/worker.ts';
import { engines } from '../rigs/engines.ts';
import { lookMillis, patience, quick, reconcileMillis, retiredMillis } from '../rigs/faults/deaths.ts';
import type { GeneratedNotification } from '../rigs/hca/notifications.ts';
import { startKinesis, type TestKinesis } from '../rigs/streams/emulator.ts';
import { startHttp2Proxy } from '../rigs/streams/http2-proxy.ts';
import { said, until } from '../rigs/until.ts';
import { ask, type Documents, differences, indexedDocuments, none } from './indexed.ts';
import { catalog, type PipelineOptions, settingsOf } from './pipeline-settings.ts';
import { type SearchProxy, startSearchProxy } from './search-proxy.ts';
import { ingested, settled } from './settled.ts';
import { type SpawnOptions, WorkerProcess } from './worker-process.ts';
import { generatedWorld, temporaryFolder, type World } from './world.ts';

type Role = SpawnOptions['role'];

/** A worker, in this process or in one of its own. */
export interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Everything from notification to index, with folders, streams and indices of its own, proxies that
 * can inject faults before both engines, and workers that come and go.
 */
export class Pipeline implements AsyncDisposable {
  readonly world: World;
  readonly folder: string;
  readonly settings: Settings;
  readonly kinesis: TestKinesis;
  readonly search: SearchProxy;
  /** the server behind the proxy */
  opensearch: string;
  readonly deadLetters: StoredDeadLetters;
  readonly #running = new Map<Role, Running>();
  readonly #processes: WorkerProcess[] = [];
  readonly #library: AsyncDisposable | undefined;

  private constructor(world: World, folder: string, settings: Settings, engines: Engines) {
    this.world = world;
    this.folder = folder;
    this.settings = settings;
    this.kinesis = engines.kinesis;
    this.search = engines.search;
    this.opensearch = engines.opensearch;
    this.#library = engines.library;
    this.deadLetters = new StoredDeadLetters(new FolderStore(settings.folders.deadLetters));
  }

  static async open(options: PipelineOptions = {}): Promise<Pipeline> {
    const world = options.world ?? (await generatedWorld());
    const folder = temporaryFolder('pipeline');
    const opensearch = options.opensearch ?? (await engines.opensearch());
    const kinesis = await startKinesis();
    const search = await startSearchProxy(opensearch);
    const library = options.together && (await startHttp2Proxy(kinesis.url));
    const urls = { opensearch: search.url, kinesis: library?.url ?? kinesis.proxy.url };
    const settings = settingsOf(world, folder, urls, options);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'lazuli.json'), JSON.stringify(settings));
    await ensureStream(kinesis.client, settings.kinesis.notifications, options.shards ?? 1);
    await ensureStream(kinesis.client, settings.kinesis.batches, 1);
    return new Pipeline(world, folder, settings, { kinesis, search, opensearch, library });
  }

  /** The server listens elsewhere after a restart; the workers needn't know. */
  moved(opensearch: string): void {
    this.opensearch = opensearch;
    this.search.redirect(opensearch);
  }

  /** Puts notifications to the stream, all of the world unless told otherwise, a few at a time. */
  async notify(notifications = this.world.notifications, client = this.kinesis.client): Promise<void> {
    const entries = notifications.map(entryOf);
    for (let i = 0; i < entries.length; i += 10)
      await putRecords(client, this.settings.kinesis.notifications, entries.slice(i, i + 10));
  }

  /** Puts anything to a stream. */
  async put(stream: string, data: Uint8Array): Promise<void> {
    await putRecords(this.kinesis.client, stream, [{ partitionKey: 'anything', data }]);
  }

  /** Starts both workers in this process. */
  async start(): Promise<void> {
    await this.startIngest();
    await this.startTransform();
  }

  async startIngest(settings: Settings = this.settings): Promise<void> {
    await this.#start('ingest', startIngest(settings, { logger: noLogger, consumer: quick, lookMillis }));
  }

  async startTransform(settings: Settings = this.settings): Promise<TransformWorker> {
    const options = { logger: noLogger, consumer: quick, reconcileMillis, retiredMillis, patience };
    return this.#start('transform', startTransform(settings, options));
  }

  async #start<T extends Running>(role: Role, starting: Promise<T>): Promise<T> {
    const worker = await starting;
    this.#running.set(role, worker);
    return worker;
  }

  /** Starts a worker as a process of its own. */
  async spawn(role: Role, dieAt?: SpawnOptions['dieAt'], kcl?: SpawnOptions['kcl']): Promise<WorkerProcess> {
    const settingsFile = join(this.folder, 'lazuli.json');
    const worker = await WorkerProcess.start({ role, settingsFile, folder: this.folder, dieAt, kcl });
    this.#running.set(role, worker);
    this.#processes.push(worker);
    return worker;
  }

  async stop(role: Role): Promise<void> {
    await this.#running.get(role)?.stop();
    this.#running.delete(role);
  }

  url(role: Role): string {
    const worker = this.#running.get(role);
    if (worker === undefined) throw new Error(`No ${role} worker runs`);
    return worker.url;
  }

  /** The settings with which a command would find the workers. */
  get reachable(): Settings {
    const http = { ...this.settings.http };
    for (const [role, { url }] of this.#running) http[role] = Number(new URL(url).port);
    return { ...this.settings, http };
  }

  /** Asks the transform worker for a fresh generation. */
  async reindex(): Promise<void> {
    await ask(this.url('transform'), 'POST', '/reindex', { catalog });
  }

  /** Asks the transform worker for a fresh generation that builders help with. */
  async reindexWith(builders: number): Promise<void> {
    await ask(this.url('transform'), 'POST', '/runs/start', { catalog, builders });
  }

  /** Waits until the transform worker says that it can't go on. @returns why */
  async paused(): Promise<string> {
    return said(async () => (await this.#transform())?.pause?.reason ?? null);
  }

  /** Waits until the ingest worker says that it can't go on. @returns why */
  async ingestPaused(): Promise<string> {
    return said(async () => {
      const { paused } = (await ask(this.url('ingest'), 'GET', '/status')) as IngestStatus;
      return paused && `${paused.reason} ${paused.remedy}`;
    });
  }

  /** Waits until the transform worker says that a generation can't serve. @returns why */
  async failure(): Promise<string> {
    return said(async () => (await this.#transform())?.failure ?? null, buildMillis);
  }

  /** Waits until a generation serves. */
  async generation(number: number): Promise<void> {
    await until(async () => (await this.#transform())?.generation === number, buildMillis);
  }

  /** Lets a former generation serve again. */
  async rollBack(generation?: number): Promise<void> {
    await ask(this.url('transform'), 'POST', '/rollback', { catalog, generation });
  }

  async #transform(): Promise<CatalogStatus | undefined> {
    return ((await ask(this.url('transform'), 'GET', '/status')) as TransformStatus).catalogs[catalog];
  }

  /** Waits until everything is staged, whether or not a transform worker runs. */
  async ingested(): Promise<void> {
    await ingested(this);
  }

  /** Waits until the last dead letter is gone. */
  async letterless(): Promise<void> {
    await until(async () => (await this.letters()).length === 0);
  }

  /** Waits until every notification has had its effect and every checkpoint says so. */
  async settled(millis?: number, refused?: string): Promise<void> {
    await settled(this, { millis, refused });
  }

  /** Deletes the store of the transform worker, which must not run. */
  loseStore(): void {
    rmSync(join(this.settings.folders.state, 'stores'), { recursive: true });
  }

  /** Deletes the index of one entity type, or of all, of a generation. */
  async deleteIndices(generation: number, entityType = '*'): Promise<void> {
    const name = indexName({ deployment: this.settings.deployment, catalog, entityType, generation });
    await ask(this.opensearch, 'DELETE', `/${name}`);
  }

  documents(): Promise<Documents> {
    return indexedDocuments(this.opensearch, this.settings.deployment, catalog);
  }

  /** What a generation holds, whether or not it serves. */
  async documentsOf(generation: number): Promise<Documents> {
    return indexedDocuments(this.opensearch, this.settings.deployment, catalog, generation);
  }

  async letters(): Promise<readonly DeadLetter[]> {
    return (await this.deadLetters.list({ limit: 1000 })).letters;
  }

  /** Work that only waits for something to be mended is no dead letter. */
  async expectNoLetters(): Promise<void> {
    expect((await this.letters()).map(({ message }) => message)).to.deep.equal([]);
  }

  /** Waits until all is done, and compares the index with that of a clean run, document by document. */
  async expectClean(millis?: number): Promise<void> {
    await this.settled(millis);
    await this.expectNoLetters();
    expect(differences(await this.documents(), await this.world.expected())).to.deep.equal(none);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.search.clear();
    this.kinesis.proxy.clear();
    for (const role of [...this.#running.keys()]) await this.stop(role);
    for (const worker of this.#processes) await worker.stop('SIGKILL');
    await this.search.close();
    await this.#library?.[Symbol.asyncDispose]();
    await this.kinesis[Symbol.asyncDispose]();
    await ask(this.opensearch, 'DELETE', `/lazuli_${this.settings.deployment}_*`);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface Engines {
  readonly kinesis: TestKinesis;
  readonly search: SearchProxy;
  readonly opensearch: string;
  readonly library: AsyncDisposable | undefined;
}

/** A build of many small parts takes some seconds, and on a busy machine many. */
const buildMillis = 60_000;

function entryOf({ action, fqid: { source, uuid, version } }: GeneratedNotification) {
  const number = action === 'delete' ? 1 : 0;
  const notification = { bundle_fqid: { uuid, version, source } };
  const data = encodeNotification({ action, catalog, number, notification });
  return { partitionKey: uuid, data };
}
