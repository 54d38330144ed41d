import { writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../cli/program.ts';
import type { CatalogStatus } from '../../core/control/catalog-status.ts';
import type { IngestStatus } from '../../core/control/ingest.ts';
import { settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { printed } from '../rigs/cli/printed.ts';
import { fakeWorker } from './fake-worker.ts';

const shard: IngestStatus['shards'][number] = {
  ...{ shardId: 's', state: 'running', checkpoint: null, millisBehindLatest: 0, pending: 0, problem: null },
  ...{ readUntil: 1, completeUntil: 1 },
};
const ingest: IngestStatus = {
  ...{ stage: 'ingest', shards: [shard], rate: 0, refused: {}, paused: null },
  counts: { read: 0, staged: 0, deadLettered: 0, batches: 0 },
};
const facts: NonNullable<CatalogStatus['facts']> = {
  ...{ generation: 2, isCurrent: true, isBuilding: false, absent: [], unconfirmed: null, staged: null },
};
const idle: CatalogStatus = {
  ...{ state: 'idle', pause: null, epoch: 1, generation: 2, layout: 'current', shards: null, rebuild: null },
  ...{ failure: null, kept: [], batchesLoaded: 0, documentsWritten: 0, facts, outbox: 0, sources: [] },
  ...{ batches: { staged: 0, stored: 0 }, notifications: 0, bundles: { stored: 0, selected: 0, deletions: 0 } },
};

const says =
  (answer: object): RequestListener =>
  (_request, response) =>
    void response.end(JSON.stringify(answer));
const hangs: RequestListener = () => {};
const finds = (shards: number) => says({ count: 0, _shards: { total: shards, successful: shards, failed: 0 } });
const transform = (status: CatalogStatus) => says({ stage: 'transform', shards: [], catalogs: { hca: status } });

interface Deployment {
  readonly ingest: RequestListener;
  readonly transform: RequestListener;
  readonly search: RequestListener;
}

const well: Deployment = { ingest: says(ingest), transform: transform(idle), search: finds(1) };

/** What `lazuli status` says of a deployment whose processes answer so. */
async function statusOf(other: Partial<Deployment>, ...options: readonly string[]) {
  const deployment = { ...well, ...other };
  using folder = temporaryFolder();
  using one = await fakeWorker(deployment.ingest);
  using two = await fakeWorker(deployment.transform);
  using three = await fakeWorker(deployment.search);
  const settings = settingsIn(folder.path);
  const config = join(folder.path, 'lazuli.json');
  const http = { ...settings.http, ingest: one.port, transform: two.port };
  writeFileSync(config, JSON.stringify({ ...settings, http, opensearch: { url: three.url } }));
  const { lines, output } = printed();
  const began = performance.now();
  const code = await main(['status', '--config', config, ...options], output);
  return { code, out: lines.out.join('\n'), err: lines.err.join('\n'), millis: performance.now() - began };
}

describe('`lazuli status`', function () {
  this.timeout(30_000);

  it('says that all is finished where nothing is amiss', async () => {
    const { code, out } = await statusOf({});
    expect(out).to.match(/^catalog hca: finished\n/);
    expect(code).to.equal(0);
  });

  const paused = { code: 'halted', reason: 'halted: An operator has paused it.', remedy: 'Run it.', since: 1 };
  const states: Readonly<Record<string, readonly [Partial<Deployment>, code: string]>> = {
    'ingest is paused': [{ ingest: says({ ...ingest, paused }) }, 'halted'],
    'a generation waits for a yes': [
      { transform: transform({ ...idle, facts: { ...facts, unconfirmed: { run: 'r', reason: 'it lacks 9' } } }) },
      'unconfirmed',
    ],
    'what serves is not kept current': [
      { transform: transform({ ...idle, facts: { ...facts, isCurrent: false } }) },
      'outdated',
    ],
    'all indices were deleted a moment ago': [{ search: finds(0) }, 'index_missing'],
    'OpenSearch does not answer': [{ search: (_request, response) => void response.destroy() }, 'unanswered'],
  };
  for (const [what, [deployment, expected]] of Object.entries(states)) {
    it(`does not say so where ${what}, and names the remedy`, async () => {
      const { code, out } = await statusOf(deployment, '--json');
      const [{ settled, finished, troubles }] = JSON.parse(out);
      expect({ code, settled, finished }).to.deep.equal({ code: 1, settled: true, finished: false });
      expect(troubles.map((one: { readonly code: string }) => one.code)).to.deep.equal([expected]);
      const { out: lines } = await statusOf(deployment);
      expect(lines).to.include(`catalog hca: not everything is as it should be: ${expected}\n`);
      expect(lines).to.match(/^(paused|trouble): (ingest|transform): .+\n {2}remedy: .+$/m);
    });
  }

  it('does not wait long for a worker that hangs: it names it, and shows the rest', async () => {
    const { code, out, millis } = await statusOf({ transform: hangs });
    expect(code).to.equal(1);
    expect(out).to.match(/^paused: transform: The transform worker has not answered within 3 s at http/m);
    expect(out).to.include('documents searchable: ');
    expect(millis).to.be.lessThan(10_000);
  });
});
