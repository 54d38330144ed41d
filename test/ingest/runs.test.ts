import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import { parseSettings } from '../../core/config/settings.ts';
import { operatorsApp } from '../../core/http/operators-app.ts';
import { type Listening, listen } from '../../core/http/server.ts';
import type { Run } from '../../core/runs/run.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { askOwners } from '../../ingest/runs.ts';
import { controlApi, type TransformControl } from '../../transform/owner/control.ts';
import { key, post, startIndexer } from '../rigs/streams/indexer.ts';
import { someRun } from '../rigs/transform/runs.ts';

/** The control endpoint of an owner whose runs are a list. */
async function startOwner() {
  const runs: Run[] = [];
  const changes: string[] = [];
  const broken = { reason: null as unknown };
  const never = async () => {
    throw new TypeError('The indexer has no business with that');
  };
  const change = (what: string) => async (asked: { readonly id: string; readonly acceptVanished?: boolean }) => {
    const { id, acceptVanished } = asked;
    if (!runs.some((run) => run.id === id)) throw new LazuliError('not_found', `There is no run ${id}`);
    changes.push(`${what} ${id}${acceptVanished ? ' true' : ''}`);
  };
  const control: TransformControl = {
    ...{ status: never, reindex: never, rollBack: never, verify: never, verifyDocuments: never, drop: never },
    ...{ touch: never, forecast: never, removeSource: never, replay: never },
    async runs() {
      if (broken.reason !== null) throw broken.reason;
      return runs;
    },
    async startRun() {
      if (runs.length > 0) throw new LazuliError('conflict', 'Run x is running', { remedy: 'Let it end.' });
      runs.push(someRun);
      return someRun;
    },
    cancelRun: change('cancel'),
    resumeRun: change('resume'),
  };
  const server = await listen(
    operatorsApp(controlApi(control), { logger: noLogger, urlBytes: 1000, hosts: new Set() }),
    {
      host: '127.0.0.1',
      port: 0,
      urlBytes: 1000,
    },
  );
  return { ...server, runs, changes, broken };
}

const settingsOf = ({ port }: Listening) => {
  const catalog = { atlas: 'hca', plugins: { metadata: { name: 'hca' }, repository: { name: 'canned' } }, sources: [] };
  const folders = { staging: '/s', state: '/s', deadLetters: '/s' };
  const http = { query: 1, indexer: 1, ingest: 1, transform: port };
  const urls = { opensearch: { url: 'http://127.0.0.1:1' }, kinesis: { endpoint: 'http://127.0.0.1:1' } };
  return parseSettings({ ...urls, folders, http, hmacKeyFile: '/k', catalogs: { hca: catalog } }, 'test');
};

describe('runs at the endpoint of the indexer', () => {
  let owner: Awaited<ReturnType<typeof startOwner>>;
  let indexer: Awaited<ReturnType<typeof startIndexer>>;
  beforeEach(async () => {
    owner = await startOwner();
    indexer = await startIndexer({ runs: askOwners(settingsOf(owner)) });
  });
  afterEach(async () => {
    await indexer.stop();
    await owner.stop();
  });

  const get = async (path: string) => {
    const response = await fetch(indexer.url + path);
    const body = (await response.json()) as { readonly Code?: string };
    return { status: response.status, body, headers: response.headers };
  };
  const change = async (path: string, options?: Parameters<typeof post>[3]) => {
    const { status, body } = await post(indexer.url, path, '', options);
    return [status, JSON.parse(body)];
  };

  it('begin when they are asked for, one at a time, and are told of', async () => {
    expect((await get('/runs/hca')).body).to.deep.equal([]);
    expect(await change('/runs/hca')).to.deep.equal([202, someRun]);
    const refused = { Code: 'ConflictError', Message: 'Run x is running. Let it end.' };
    expect(await change('/runs/hca')).to.deep.equal([409, refused]);
    const { source: _s, prefix: _p, sources: _all, failure: _f, ...told } = someRun;
    expect((await get('/runs/hca')).body).to.deep.equal([told]);
    expect((await get(`/runs/hca/${someRun.id}`)).body).to.deep.equal(told);
  });

  it('are told of to anyone without the names of sources', async () => {
    const secret = 'a-restricted-source';
    const staged = { source: secret, expected: 1, done: 0, failed: 1 };
    const restaging = {
      problem: `${secret} is gone`,
      sources: [staged],
      reading: [{ source: secret, table: secret, rows: 1, done: 0, of: 1 }],
      failures: { bundle_missing: 1 },
      vanished: null,
    };
    owner.runs.push({ ...someRun, source: secret, sources: [], failure: `not ${secret}`, restaging });
    owner.runs.push({ ...someRun, sources: someRun.sources.map((each) => ({ ...each, source: secret })) });
    const all = JSON.stringify([(await get('/runs/hca')).body, (await get(`/runs/hca/${someRun.id}`)).body]);
    expect(all).to.include('bundle_missing').and.not.include(secret);
  });

  it('can be cancelled and resumed', async () => {
    await change('/runs/hca');
    const which = { catalog: 'hca', id: someRun.id };
    expect(await change(`/runs/hca/${someRun.id}/cancel`)).to.deep.equal([200, which]);
    expect(await change(`/runs/hca/${someRun.id}/resume`)).to.deep.equal([202, which]);
    expect(owner.changes).to.deep.equal([`cancel ${someRun.id}`, `resume ${someRun.id}`]);
  });

  it('are confirmed by who says so in a signed body', async () => {
    owner.runs.push(someRun);
    const resume = async (body: unknown) => (await post(indexer.url, `/runs/hca/${someRun.id}/resume`, body)).status;
    expect(await resume({ accept_vanished: true })).to.equal(202);
    expect(await resume({})).to.equal(202);
    expect([await resume({ accept: true }), await resume('{')]).to.deep.equal([400, 400]);
    const resumed = `resume ${someRun.id}`;
    expect(owner.changes).to.deep.equal([`${resumed} true`, resumed]);
  });

  it('are changed by nobody without the right signature', async () => {
    owner.runs.push(someRun);
    for (const path of ['/runs/hca', `/runs/hca/${someRun.id}/cancel`, `/runs/hca/${someRun.id}/resume`]) {
      const unsigned = await fetch(indexer.url + path, { method: 'POST' });
      expect(unsigned.status, path).to.equal(401);
      const by = { ...key, key: 'a secret that nobody knows' };
      expect((await change(path, { by }))[0], path).to.equal(401);
      expect((await change(path, { swapped: '{}' }))[0], path).to.equal(401);
    }
    expect(owner.changes).to.deep.equal([]);
  });

  it('are not found where catalog or run do not exist', async () => {
    expect((await get('/runs/nosuch')).body).to.deep.equal({
      Code: 'NotFoundError',
      Message: "There is no catalog 'nosuch'. Choose one of: hca.",
    });
    const answers = [
      (await get('/runs/nosuch')).status,
      (await get('/runs/hca/nosuch')).status,
      (await change('/runs/nosuch'))[0],
      (await change('/runs/hca/nosuch/cancel'))[0],
      (await change('/runs/hca/nosuch/resume'))[0],
      (await change('/runs/hca/nosuch/explode'))[0],
    ];
    expect(answers).to.deep.equal([404, 404, 404, 404, 404, 404]);
  });

  it('are told later where the owner of the catalog does not answer, or answers that it can not', async () => {
    owner.broken.reason = new TypeError('out of order');
    expect((await get('/runs/hca')).status).to.equal(503);
    await owner.stop();
    const { status, headers, body } = await get('/runs/hca');
    expect([status, headers.get('retry-after'), body.Code]).to.deep.equal([503, '5', 'ServiceUnavailableError']);
    expect((await change('/runs/hca'))[0]).to.equal(503);
  });

  it('are not taken for notifications, nor these for them', async () => {
    const bundle = { bundle_fqid: { uuid: '56a338fe-7554-4b5d-96a2-7df127a7640b', version: '1' } };
    expect((await post(indexer.url, '/hca/add', bundle)).status).to.equal(202);
    expect((await post(indexer.url, '/runs/add', bundle)).status).to.equal(400);
    expect(indexer.records).to.have.length(1);
    expect(() => parseRuns()).to.throw(/catalog name 'runs' is not allowed/);
  });

  const parseRuns = () => {
    const { catalogs, ...rest } = settingsOf(owner);
    return parseSettings({ ...rest, catalogs: { runs: catalogs.hca } }, 'test');
  };
});
