import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../cli/program.ts';
import { LazuliError } from '../../core/config/errors.ts';
import type { CatalogStatus } from '../../core/control/catalog-status.ts';
import { operatorsApp } from '../../core/http/operators-app.ts';
import { listen } from '../../core/http/server.ts';
import type { Run } from '../../core/runs/run.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { controlApi, type TransformControl } from '../../transform/owner/control.ts';
import { settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { printed } from '../rigs/cli/printed.ts';
import { someRun } from '../rigs/transform/runs.ts';

const catalog = 'hca';
const running: Run = { ...someRun, catalog, documents: { expected: 15, done: 9 } };
const ended: Run = {
  ...running,
  ...{ state: 'succeeded', documents: { expected: 15, done: 15 }, ended: '2026-01-01T00:01:00.000Z' },
};
const idle: CatalogStatus = {
  ...{ state: 'idle', pause: null, epoch: 1, generation: 2, layout: 'current', shards: null, rebuild: null },
  ...{ failure: null, kept: [], batchesLoaded: 0, documentsWritten: 0 },
};

/** A transform worker that begins a run after some refusals, and has it end once it was shown. */
async function worker(refusals: readonly LazuliError[], last = ended) {
  const [waiting, begun] = [[...refusals], [] as unknown[]];
  const never = async () => {
    throw new TypeError('That was not to be asked');
  };
  const control: TransformControl = {
    ...{ reindex: never, forecast: never, cancelRun: never, resumeRun: never, verify: never, rollBack: never },
    ...{ verifyDocuments: never, drop: never, replay: never, removeSource: never, touch: never },
    status: async () => ({ stage: 'transform', shards: [], catalogs: { [catalog]: idle } }),
    runs: async () => [last],
    async startRun(asked) {
      const refusal = waiting.shift();
      if (refusal !== undefined) throw refusal;
      begun.push(asked);
      return { ...running, ...asked };
    },
  };
  const app = operatorsApp(controlApi(control), { logger: noLogger, urlBytes: 1_000, hosts: new Set() });
  const server = await listen(app, { host: '127.0.0.1', port: 0, urlBytes: 1_000 });
  const folder = temporaryFolder();
  const settings = settingsIn(folder.path);
  const config = join(folder.path, 'lazuli.json');
  writeFileSync(config, JSON.stringify({ ...settings, http: { ...settings.http, transform: server.port } }));
  return {
    begun,
    async reindex(...args: readonly string[]) {
      const { lines, output } = printed();
      return { code: await main(['reindex', '--config', config, ...args], output), ...lines };
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      folder[Symbol.dispose]();
    },
  };
}

const conflict = new LazuliError('conflict', 'Run x is running', { remedy: 'Let it end.' });
const parsed = (line: string): unknown => JSON.parse(line);
const everything = { catalog, from: 'staged', source: null, prefix: '', changed: false, builders: 0 };

describe('`lazuli reindex`', () => {
  it('begins a run, and tells how far it is until it has ended', async () => {
    await using hca = await worker([]);
    const { code, out } = await hca.reindex();
    expect({ code, out }).to.deep.equal({
      code: 0,
      out: ['building: 9/15 documents', 'reindexed hca: 15 documents, generation 3 serves'],
    });
    expect(hca.begun).to.deep.equal([everything]);
  });

  it('waits for another run that goes on, and for a worker that is paused', async () => {
    await using hca = await worker([conflict, new LazuliError('unavailable', 'OpenSearch is down'), conflict]);
    const { code, out, err } = await hca.reindex('--json');
    expect({ code, out: out.map(parsed) }).to.deep.equal({
      code: 0,
      out: [{ catalog, state: 'done', generation: 3, documents: 15 }],
    });
    const busy = 'waiting: Run x is running. Let it end.';
    expect(err).to.deep.equal([busy, 'paused: OpenSearch is down', busy, 'building: 9/15 documents']);
    expect(hca.begun).to.deep.equal([everything]);
  });

  it('says at once that another run goes on where it is not to wait, or only a part is meant', async () => {
    for (const args of [['--no-wait'], ['--prefix', '0f']]) {
      await using hca = await worker([conflict]);
      const { code, err } = await hca.reindex(...args);
      expect(code, `${args}`).to.equal(1);
      expect(err.join(), `${args}`).to.match(/answered 409 .*Run x is running/);
    }
  });

  it('returns when the run has begun where it is not to wait', async () => {
    await using hca = await worker([]);
    const { out } = await hca.reindex('--no-wait', '--json');
    expect(out.map(parsed)).to.deep.equal([{ catalog, state: 'running' }]);
    const some = await hca.reindex('--no-wait', '--json', '--prefix', '0f');
    expect(some.out.map(parsed)).to.deep.equal([{ ...running, prefix: '0f' }]);
    expect(hca.begun).to.deep.equal([everything, { ...everything, prefix: '0f' }]);
  });

  it('leaves out sources that have not changed where it reads the repository, and nowhere else', async () => {
    await using hca = await worker([]);
    await hca.reindex('--no-wait', '--from', 'repository', '--changed');
    expect(hca.begun).to.deep.equal([{ ...everything, from: 'repository', changed: true }]);
    const { code, err } = await hca.reindex('--changed');
    expect(code).to.equal(2);
    expect(err.join()).to.match(/--changed is for --from repository/);
  });

  it('fails where the run does', async () => {
    await using hca = await worker([], { ...ended, state: 'failed', failure: 'files are missing' });
    const { code, err } = await hca.reindex();
    expect(code).to.equal(1);
    expect(err[0]).to.match(/^error: The run of hca failed: run .* is failed\. files are missing\.$/);
  });
});
