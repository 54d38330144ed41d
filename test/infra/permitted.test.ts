import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { exportsByCatalog } from '../../cli/pipeline/exports.ts';
import { parseSettings, type Settings } from '../../core/config/settings.ts';
import { recordsFor, resultsFor } from '../../core/deployment/stores.ts';
import { Jobs } from '../../core/exports/jobs.ts';
import { Snapshots } from '../../core/exports/snapshots.ts';
import { Workers } from '../../core/exports/workers.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { tableKey } from '../../core/staged/layout.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { S3Store } from '../../core/storage/s3/store.ts';
import { cleanUp } from '../../exports/upkeep.ts';
import { startExport } from '../../exports/worker.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { startQuery } from '../../query/worker.ts';
import { publishDocuments } from '../rigs/exports/published.ts';
import { quickPace } from '../rigs/exports/scene.ts';
import { useCloud } from '../rigs/storage/cloud.ts';
import { temporaryFolder } from '../rigs/streams/recording.ts';
import { type Gate, openGate } from './gate.ts';
import { allows } from './iam.ts';
import { policiesOf, type Statement } from './policies.ts';
import { type Recording, record } from './recording.ts';
import { dev } from './stack-files.ts';

/** As credentials that the emulator knows: it takes no signed URL without. */
const known = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', LAZULI_EXPORT_KEY: 'k'.repeat(40) };
const [staging, table] = ['lazuli-dev-staging', 'lazuli-dev-coordination'];
async function all(names: AsyncIterable<string>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const name of names) found.push(name);
  return found;
}

const tenDays = 10 * 24 * 60 * 60 * 1000;

describe('Policies of roles that make exports', function () {
  this.timeout(240_000);
  const cloud = useCloud();
  const earlier = Object.keys(known).map((name) => [name, process.env[name]] as const);
  let recording: Recording;
  before(async () => {
    Object.assign(process.env, known);
    recording = await record(dev);
    await cloud().bucket(staging);
    await cloud().table(table);
  });
  after(() => {
    for (const [name, value] of earlier) {
      delete process.env[name];
      if (value !== undefined) process.env[name] = value;
    }
  });

  const statementsOf = (role: string): readonly Statement[] =>
    recording
      .of('aws:iam/rolePolicy:RolePolicy')
      .filter(({ name }) => name === `lazuli-dev-${role}`)
      .flatMap(policiesOf);
  const arnOf = (type: string, name: string) => String(recording.of(type).find((one) => one.name === name)?.state.arn);
  const gate = (role: string): Promise<Gate> =>
    openGate(cloud().endpoint, statementsOf(role), (name) => arnOf('aws:dynamodb/table:Table', name));

  /** Settings of a role in the stack, for which the emulator is AWS. */
  function settingsOf(folder: string, { endpoint }: Gate): Settings {
    const bundles = join(folder, 'bundles');
    mkdirSync(bundles, { recursive: true });
    writeFileSync(
      join(bundles, 'bundles.json'),
      JSON.stringify({ bundles: [], sources: [{ id: 'a', spec: 'tdr:a' }] }),
    );
    const plugins = { metadata: { name: 'hca' }, repository: { name: 'canned', folder: bundles } };
    const at = (name: string) => join(folder, name);
    const input = {
      folders: { staging: at('staging'), state: at('state'), deadLetters: at('letters') },
      opensearch: { url: 'http://127.0.0.1:1' },
      kinesis: { endpoint: 'http://127.0.0.1:1' },
      http: { query: 0, metrics: 0, export: 0 },
      hmacKeyFile: at('none'),
      s3: { endpoint, staging, deadLetters: 'lazuli-dev-letters' },
      dynamodb: { endpoint, table },
      catalogs: { hca: { atlas: 'hca', plugins, sources: [] } },
    };
    return parseSettings(input, 'test');
  }

  it('suffice for an export from the request to its file, and for what is deleted afterwards', async () => {
    await using folder = await temporaryFolder();
    await using transforming = await gate('transform-hca');
    await using exporting = await gate('export');
    await using asking = await gate('query');
    await using operating = await gate('operator');
    const objects = new S3Store({ ...cloud(), endpoint: transforming.endpoint, bucket: staging, mirror: folder.path });
    const published = join(folder.path, 'published');
    await publishDocuments(published, { plugin: hca, catalog: 'hca', entityType: 'files', documents: [] });
    const local = new FolderStore(published);
    for await (const key of local.list('hca/')) await objects.put(key, (await local.get(key)) as Uint8Array);

    const worker = await startExport(settingsOf(folder.path, exporting), { logger: noLogger, pace: quickPace });
    const service = await startQuery(settingsOf(folder.path, asking), { logger: noLogger });
    const got = async (format: string): Promise<Response> => {
      let url = `${service.url}/fetch/manifest/files?format=${format}`;
      for (let method = 'PUT'; ; method = 'GET') {
        const response = await fetch(url, { method });
        const answer = (await response.json()) as { Status: number; Location: string };
        if (answer.Status === 302) return fetch(answer.Location);
        expect(answer, JSON.stringify(answer)).to.include({ Status: 301 });
        url = answer.Location;
      }
    };
    try {
      for (const format of ['compact', 'verbatim.jsonl']) expect((await got(format)).status, format).to.equal(200);
      // What was deleted early is made again: S3 has said that it isn't there.
      const results = resultsFor(settingsOf(folder.path, exporting));
      for await (const name of results.list()) await results.delete(name);
      expect((await got('compact')).status).to.equal(200);
      const health = await fetch(`${service.url}/health/exports`);
      expect(await health.json()).to.deep.nested.include({ 'exports.workers': 1 });
      const seen = await exportsByCatalog(settingsOf(folder.path, operating));
      expect(seen.get('hca')).to.deep.include({ workers: 1, jobs: { waiting: 0, running: 0, failed: 0 } });
    } finally {
      await worker.stop();
      await service.stop();
    }
    const settings = settingsOf(folder.path, exporting);
    const records = recordsFor(settings, objects);
    const clock = { now: () => Date.now() + tenDays, sleep: async () => {} };
    const [jobs, workers, results] = [new Jobs(records, clock), new Workers(records), resultsFor(settings)];
    await cleanUp({ jobs, objects: results, workers, lifeMillis: 1, clock });
    expect(await all(jobs.all())).to.deep.equal([]);
    expect(await all(results.list())).to.deep.equal([]);
    await new Snapshots(objects, 'hca').delete(1);
    for (const { refused } of [transforming, exporting, asking, operating]) expect(refused).to.deep.equal([]);
    // No action is granted that nothing here needs; the rest are of failures, and of other work.
    const granted = new Set(statementsOf('export').flatMap(({ Action }) => Action));
    const unused = [...granted].filter((action) => !action.startsWith('kms:') && !exporting.used.has(action));
    expect(unused.sort()).to.deep.equal(['s3:AbortMultipartUpload', 's3:GetObjectVersion']);
  });

  it('let export workers read staged tables, and nobody but transform copies of stores', () => {
    const bucket = arnOf('aws:s3/bucket:Bucket', staging);
    const reads = (role: string, key: string) =>
      allows(statementsOf(role), { action: 's3:GetObject', resource: `${bucket}/${key}` });
    expect(reads('export', tableKey('hca', 'bundles', 'b'))).to.equal(true);
    for (const role of ['export', 'query', 'indexer']) {
      expect(reads(role, '_copies/hca/1-1.json'), role).to.equal(false);
      expect(reads(role, '_signatures/x'), role).to.equal(false);
    }
    expect(reads('query', tableKey('hca', 'bundles', 'b'))).to.equal(false);
    const writes = { action: 's3:PutObject', resource: `${bucket}/${tableKey('hca', 'bundles', 'b')}` };
    expect([allows(statementsOf('export'), writes), allows(statementsOf('query'), writes)]).to.deep.equal([
      false,
      false,
    ]);
  });
});
