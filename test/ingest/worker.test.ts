import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { parseSettings, type Settings } from '../../core/config/settings.ts';
import type { IngestStatus } from '../../core/control/ingest.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { type Manifest, manifestSchema, pointerSchema } from '../../core/staged/layout.ts';
import { StoredDeadLetters } from '../../core/storage/dead-letters.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { kinesisSource } from '../../core/streams/source.ts';
import { ensureStream } from '../../core/streams/stream.ts';
import { ensureHmacKey } from '../../ingest/hmac-key.ts';
import { type BundleNotification, notifyAll } from '../../ingest/notify.ts';
import { startIndexer, startIngest } from '../../ingest/worker.ts';
import { parseIndexFile } from '../../plugins/repository/canned/index-file.ts';
import { startKinesis, type TestKinesis } from '../rigs/streams/emulator.ts';
import { until } from '../rigs/until.ts';

const source = { id: 'source-1', spec: 'https://example.org/v1:/0' };
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const version = '2020-01-01T00:00:00.000000Z';

describe('endpoint and ingest, with a stream between them', function () {
  this.timeout(60_000);
  let data: string;
  let kinesis: TestKinesis;
  beforeEach(async () => {
    data = mkdtempSync(join(tmpdir(), 'lazuli-worker-'));
    kinesis = await startKinesis();
    for (const stream of ['lazuli-notifications', 'lazuli-batches']) await ensureStream(kinesis.client, stream, 2);
  });
  afterEach(async () => {
    await kinesis[Symbol.asyncDispose]();
    rmSync(data, { recursive: true });
  });

  function settingsFor(folder: string): Settings {
    const plugins = { metadata: { name: 'hca' }, repository: { name: 'canned', folder } };
    const input = {
      folders: { staging: join(data, 'staging'), state: join(data, 'state'), deadLetters: join(data, 'dead') },
      opensearch: { url: 'http://127.0.0.1:1' },
      kinesis: { endpoint: kinesis.url },
      http: { indexer: 0, ingest: 0 },
      hmacKeyFile: join(data, 'key.json'),
      catalogs: { hca: { atlas: 'hca', plugins, sources: [] } },
    };
    return parseSettings(input, 'test');
  }

  /** Feeds notifications and waits until each is staged or dead. */
  async function run(settings: Settings, notifications: readonly BundleNotification[]): Promise<IngestStatus> {
    const key = ensureHmacKey(settings.hmacKeyFile);
    const indexer = await startIndexer(settings, { logger: noLogger });
    const ingest = await startIngest(settings, { logger: noLogger });
    try {
      expect(await notifyAll(notifications, { url: indexer.url, key, catalog: 'hca' })).to.deep.equal([]);
      const status = async () => (await (await fetch(`${ingest.url}/status`)).json()) as IngestStatus;
      const done = ({ counts: { staged, deadLettered } }: IngestStatus) => staged + deadLettered;
      await until(async () => done(await status()) === notifications.length);
      return await status();
    } finally {
      await indexer.stop();
      await ingest.stop();
    }
  }

  async function manifests(settings: Settings): Promise<Manifest[]> {
    const store = new FolderStore(settings.folders.staging);
    const found: Manifest[] = [];
    for await (const key of store.list('hca/manifests/')) {
      found.push(manifestSchema.parse(JSON.parse(Buffer.from((await store.get(key)) ?? '').toString('utf8'))));
    }
    return found;
  }

  it('stages deletions, dead-letters bad bundles, and continues where it stopped', async () => {
    const bundles = [1, 2].map((n) => ({ file: `${n}.json`, uuid: uuid(n), version }));
    writeFileSync(join(data, 'bundles.json'), JSON.stringify({ source, bundles }));
    writeFileSync(join(data, '1.json'), 'not JSON');
    const settings = settingsFor(data);
    const fqid = (n: number) => ({ source, uuid: uuid(n), version });
    const status = await run(settings, [
      { action: 'add', fqid: fqid(1) },
      { action: 'add', fqid: fqid(2) },
      { action: 'delete', fqid: fqid(3) },
    ]);
    const { batches, ...counts } = status.counts;
    expect(counts).to.deep.equal({ read: 3, staged: 1, deadLettered: 2 });
    expect([status.stage, status.paused, batches]).to.deep.equal(['ingest', null, 1]);
    const [manifest] = await manifests(settings);
    expect(manifest?.bundles).to.deep.equal([{ action: 'delete', number: 1, ...fqid(3) }]);
    const { letters } = await new StoredDeadLetters(new FolderStore(settings.folders.deadLetters)).list();
    expect(letters.map(({ reason, place }) => [place.bundle, reason]).sort()).to.deep.equal([
      [`${uuid(1)}.${version}`, 'bundle_not_json'],
      [`${uuid(2)}.${version}`, 'bundle_missing'],
    ]);
    const again = await run(settings, [{ action: 'delete', fqid: fqid(4) }]);
    expect(again.counts.read).to.equal(1);
  });

  it('stages every real sample, and points at each batch', async function () {
    const samples = resolve('../shared/samples/hca');
    if (!existsSync(samples)) {
      console.log('      skipped: ../shared is absent');
      return this.skip();
    }
    const settings = settingsFor(samples);
    const index = Buffer.from((await new FolderStore(samples).get('bundles.json')) ?? '').toString('utf8');
    const all = [...parseIndexFile(index, 'bundles.json').bundles.values()];
    const notifications = all.map(({ file: _, ...fqid }) => ({ action: 'add' as const, fqid }));
    const { counts } = await run(settings, notifications);
    expect([counts.read, counts.staged, counts.deadLettered]).to.deep.equal([all.length, all.length, 0]);
    const found = await manifests(settings);
    expect(found.flatMap(({ bundles }) => bundles.map((bundle) => bundle.uuid)).sort()).to.deep.equal(
      all.map((bundle) => bundle.uuid).sort(),
    );
    expect((await pointers(kinesis)).sort()).to.deep.equal(found.map(({ batch }) => batch).sort());
  });
});

/** Batches that records of the stream point at. */
async function pointers({ client }: TestKinesis): Promise<string[]> {
  const stream = kinesisSource(client, 'lazuli-batches');
  const { signal } = new AbortController();
  const found: string[] = [];
  for (const { shardId } of await stream.shards(signal)) {
    const page = await stream.page(await stream.iterator(shardId, null, signal), 1000, signal);
    for (const { data } of page.records) {
      found.push(pointerSchema.parse(JSON.parse(Buffer.from(data).toString('utf8'))).batch);
    }
  }
  return found;
}
