import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { freePort } from '../../cli/engines/ports.ts';
import { everything } from '../../core/documents/filter.ts';
import { formatTypes } from '../../core/exports/formats.ts';
import { type JobState, Jobs } from '../../core/exports/jobs.ts';
import type { FormatName } from '../../core/model/manifests.ts';
import type { Document } from '../../core/model/metadata.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { generatedDocuments } from '../query/generated.ts';
import { publishDocuments } from '../rigs/exports/published.ts';
import { requestOf } from '../rigs/exports/requests.ts';
import { exportPoints } from '../rigs/faults/deaths.ts';
import { until } from '../rigs/until.ts';
import { mountSmallDisk } from './small-disk.ts';
import { WorkerProcess } from './worker-process.ts';
import { temporaryFolder } from './world.ts';

const formats = Object.keys(formatTypes) as FormatName[];

describe('An export worker', function () {
  this.timeout(300_000);
  let documents: readonly Document[];
  let sources: readonly { readonly id: string; readonly spec: string }[];
  /** what a worker makes that nobody kills */
  const clean = new Map<FormatName, Buffer>();
  const running: WorkerProcess[] = [];
  before(async () => {
    documents = (await generatedDocuments(12)).files ?? [];
    sources = [...new Map(documents.flatMap((one) => one.sources.map((source) => [source.id, source]))).values()];
    const { start, ask, ended, bytes } = await site();
    await start();
    const hashes = await Promise.all(formats.map(ask));
    for (const [i, format] of formats.entries()) {
      const state = await ended(hashes[i] ?? '');
      expect(state.kind, `${format}: ${JSON.stringify(state)}`).to.equal('done');
      clean.set(format, bytes(hashes[i] ?? '', format));
    }
    expect(clean.get('compact')?.toString().split('\r\n').length).to.be.above(documents.length);
    await running.pop()?.stop();
  });
  afterEach(async () => {
    for (const worker of running.splice(0)) await worker.stop('SIGKILL');
  });

  /** A deployment whose catalog is published, and where results are. */
  async function site(results?: string) {
    const folder = temporaryFolder('exports');
    const staging = join(folder, 'staging');
    const bundles = join(folder, 'bundles');
    mkdirSync(bundles);
    writeFileSync(join(bundles, 'bundles.json'), JSON.stringify({ sources, bundles: [] }));
    const settings = {
      folders: {
        ...{ staging, state: join(folder, 'state'), deadLetters: join(folder, 'letters') },
        exports: results ?? join(folder, 'results'),
      },
      opensearch: { url: 'http://127.0.0.1:1' },
      kinesis: { endpoint: 'http://127.0.0.1:1' },
      http: { export: await freePort() },
      hmacKeyFile: join(folder, 'nosuch'),
      catalogs: {
        hca: {
          atlas: 'hca',
          plugins: { metadata: { name: 'hca' }, repository: { name: 'canned', folder: bundles } },
          sources: [],
        },
      },
    };
    const settingsFile = join(folder, 'lazuli.json');
    writeFileSync(settingsFile, JSON.stringify(settings));
    await publishDocuments(staging, { plugin: hca, catalog: 'hca', entityType: 'files', documents });
    const jobs = new Jobs(new FolderStore(staging), systemClock);
    const resultOf = (hash: string, format: FormatName): string =>
      join(settings.folders.exports, `${hash}.${formatTypes[format].extension}`);
    return {
      jobs,
      async start(point?: string): Promise<WorkerProcess> {
        const dieAt = point === undefined ? {} : { dieAt: { point, hit: 1 } };
        // Only one is alive at a time, so that they can have the same port.
        const worker = await WorkerProcess.start({ role: 'export', settingsFile, folder, ...dieAt });
        running.push(worker);
        return worker;
      },
      async ask(format: FormatName): Promise<string> {
        const ids = sources.map(({ id }) => id).sort();
        const { hash, request } = requestOf({
          ...{ catalog: 'hca', entityType: 'files', format, version: formatTypes[format].version, sources: ids },
          filter: everything,
        });
        await jobs.queueUp(hash, request, { number: (await jobs.look(hash)).next, caller: 'ann' });
        return hash;
      },
      async ended(hash: string): Promise<JobState> {
        const isOver = async () => ['done', 'failed'].includes((await jobs.look(hash)).state.kind);
        await until(isOver, 60_000);
        return (await jobs.look(hash)).state;
      },
      bytes: (hash: string, format: FormatName) => readFileSync(resultOf(hash, format)),
      remove: (hash: string, format: FormatName) => rmSync(resultOf(hash, format)),
    };
  }

  for (const point of exportPoints)
    it(`that is killed at ${point} leaves nothing half-written; the next one makes the same bytes`, async () => {
      const { jobs, start, ask, ended, bytes } = await site();
      const worker = await start(point);
      const format: FormatName = 'terra.pfb';
      const hash = await ask(format);
      await worker.died();
      const { state } = await jobs.look(hash);
      if (state.kind !== 'done') expect(state.kind).to.equal('running');
      await start();
      const others = await Promise.all(formats.map(ask));
      expect((await ended(hash)).kind).to.equal('done');
      for (const [i, other] of others.entries()) {
        const of = formats[i] as FormatName;
        expect((await ended(other)).kind).to.equal('done');
        expect(bytes(other, of).equals(clean.get(of) as Buffer), of).to.equal(true);
      }
      await until(async () => (await jobs.queue.all()).length === 0);
    });

  it('says so where the disk of results is full, and makes it at the next request once there is room', async function () {
    const disk = mountSmallDisk(4 * 2 ** 20);
    if (disk === null) {
      console.log('      skipped: no small file system can be mounted here (that takes root and the mount command)');
      return this.skip();
    }
    using _ = disk;
    const { start, ask, ended, bytes } = await site(disk.folder);
    disk.fill(16 * 1024);
    await start();
    const state = await ended(await ask('compact'));
    expect(state.kind === 'failed' && state.failure).to.deep.equal({
      ...{ code: 'staging_unavailable', message: 'it is not possible at the moment.' },
      remedy: 'Request it again in a minute.',
    });
    disk.free();
    const hash = await ask('compact');
    expect((await ended(hash)).kind).to.equal('done');
    expect(bytes(hash, 'compact').equals(clean.get('compact') as Buffer)).to.equal(true);
  });

  it('makes a result again that was deleted early, of the same bytes', async () => {
    const { jobs, start, ask, ended, bytes, remove } = await site();
    await start();
    const hash = await ask('parquet');
    await ended(hash);
    remove(hash, 'parquet');
    const again = await ask('parquet');
    await until(async () => (await jobs.look(again)).next === 3 && (await ended(again)).kind === 'done', 60_000);
    expect(bytes(again, 'parquet').equals(clean.get('parquet') as Buffer)).to.equal(true);
  });
});
