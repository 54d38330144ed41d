import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import { operatorsApp } from '../../core/http/operators-app.ts';
import { type Listening, listen } from '../../core/http/server.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { controlApi, type TransformControl } from '../../transform/owner/control.ts';
import { someRun } from '../rigs/transform/runs.ts';

describe('the control endpoint', () => {
  const done: unknown[] = [];
  const control: TransformControl = {
    status: async () => ({ stage: 'transform', shards: [], catalogs: {} }),
    reindex: async ({ catalog }) => {
      if (catalog !== 'hca') {
        throw new LazuliError('not_found', `There is no catalog '${catalog}'`, { remedy: 'Choose one of: hca.' });
      }
      done.push(catalog);
    },
    rollBack: async ({ catalog, generation }) => {
      done.push([catalog, generation]);
      return { catalog, generation: generation ?? 1 };
    },
    runs: async () => [],
    startRun: async ({ catalog }) => {
      done.push(['start', catalog]);
      return someRun;
    },
    forecast: async ({ catalog }) => {
      done.push(['forecast', catalog]);
      return { generation: null, documents: 0, types: [], sampled: null };
    },
    cancelRun: async (which) => void done.push(['cancel', ...Object.values(which)]),
    resumeRun: async (which) => void done.push(['resume', ...Object.values(which)]),
    verify: async ({ catalog, generation }) => {
      done.push([catalog, generation]);
      return {
        generation: 1,
        documents: 0,
        differences: [],
        others: [],
        mappings: [],
        snapshot: { files: [], differences: [] },
        recomputed: 0,
        largest: [],
        dead: 0,
      };
    },
    verifyDocuments: async ({ catalog, generation, after }) => {
      done.push(['documents', catalog, generation, after]);
      return { generation: 1, expected: 0, checked: 0, next: null, others: [] };
    },
    drop: async (which) => void done.push(Object.values(which)),
    replay: async ({ catalog, from }) => {
      done.push(['replay', catalog, Date.parse(from)]);
      return { catalog, batches: 3 };
    },
    removeSource: async (which) => void done.push(['remove', ...Object.values(which)]),
    touch: async (document) => void done.push(Object.values(document)),
  };
  let server: Listening;
  before(async () => {
    const address = { host: '127.0.0.1', port: 0, urlBytes: 1_000 };
    server = await listen(
      operatorsApp(controlApi(control), { logger: noLogger, urlBytes: address.urlBytes, hosts: new Set() }),
      address,
    );
  });
  after(() => server.stop());

  const post = async (path: string, body: unknown, type = 'application/json') => {
    const init = { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': type } };
    const response = await fetch(server.url + path, init);
    return { status: response.status, text: await response.text() };
  };

  it('tells the status', async () => {
    const response = await fetch(`${server.url}/status`);
    expect(await response.json()).to.deep.equal({ stage: 'transform', shards: [], catalogs: {} });
    expect((await fetch(`${server.url}/health/basic`)).status).to.equal(200);
  });

  it('accepts what is to be done', async () => {
    const accepted = (what: object) => ({ status: 202, text: JSON.stringify(what) });
    expect(await post('/reindex', { catalog: 'hca' })).to.deep.equal(accepted({ catalog: 'hca' }));
    const document = { catalog: 'hca', entityType: 'files', entityId: 'f' };
    expect(await post('/touch', document)).to.deep.equal(accepted(document));
    expect(await post('/replay', { catalog: 'hca', from: '1970-01-01T00:00:01Z' })).to.deep.equal({
      ...{ status: 202, text: '{"catalog":"hca","batches":3}' },
    });
    const source = { catalog: 'hca', source: 's' };
    expect(await post('/sources/remove', source)).to.deep.equal(accepted(source));
    expect(done.splice(0)).to.deep.equal([
      'hca',
      ['hca', 'files', 'f'],
      ['replay', 'hca', 1000],
      ['remove', 'hca', 's'],
    ]);
  });

  it('answers with the generation that serves again, or is gone', async () => {
    const { status, text } = await post('/rollback', { catalog: 'hca' });
    expect([status, JSON.parse(text)]).to.deep.equal([200, { catalog: 'hca', generation: 1 }]);
    expect((await post('/rollback', { catalog: 'hca', generation: 3 })).status).to.equal(200);
    expect((await post('/drop', { catalog: 'hca', generation: 2 })).status).to.equal(200);
    expect((await post('/drop', { catalog: 'hca', generation: 0 })).status).to.equal(400);
    expect((await post('/verify', { catalog: 'hca', generation: 5 })).status).to.equal(200);
    expect((await post('/verify/documents', { catalog: 'hca' })).status).to.equal(200);
    expect(done.splice(0)).to.deep.equal([
      ['hca', undefined],
      ['hca', 3],
      ['hca', 2],
      ['hca', 5],
      ['documents', 'hca', undefined, null],
    ]);
  });

  it('lists runs, begins, cancels and resumes them', async () => {
    for (const catalog of ['hca', 'start', 'cancel'])
      expect(await (await fetch(`${server.url}/runs/${catalog}`)).json()).to.deep.equal([]);
    const { status, text } = await post('/runs/start', { catalog: 'hca' });
    expect([status, JSON.parse(text)]).to.deep.equal([202, someRun]);
    expect(JSON.parse((await post('/runs/forecast', { catalog: 'hca' })).text)).to.deep.equal({
      ...{ generation: null, documents: 0, types: [], sampled: null },
    });
    const which = { catalog: 'hca', id: 'r' };
    const told = JSON.stringify(which);
    expect(await post('/runs/cancel', which)).to.deep.equal({ status: 200, text: told });
    expect(await post('/runs/resume', which)).to.deep.equal({ status: 202, text: told });
    expect(await post('/runs/resume', { ...which, acceptVanished: true })).to.deep.equal({ status: 202, text: told });
    expect(done.splice(0)).to.deep.equal([
      ['start', 'hca'],
      ['forecast', 'hca'],
      ['cancel', 'hca', 'r'],
      ['resume', 'hca', 'r', false],
      ['resume', 'hca', 'r', true],
    ]);
  });

  it('refuses what it does not know, as the other servers do', async () => {
    const { status, text } = await post('/reindex', { catalog: 'nosuch' });
    expect([status, JSON.parse(text)]).to.deep.equal([
      404,
      { Code: 'NotFoundError', Message: "There is no catalog 'nosuch'. Choose one of: hca." },
    ]);
    expect((await post('/reindex', {})).status).to.equal(400);
    expect((await post('/reindex', { catalog: 'x'.repeat(70_000) })).status).to.equal(413);
    expect((await fetch(`${server.url}/reindex`)).status).to.equal(405);
  });

  it('does nothing for a page that sends a form', async () => {
    expect((await post('/reindex', { catalog: 'hca' }, 'text/plain')).status).to.equal(415);
  });

  it('keeps the connection of who waits for long work, and of nobody else', async () => {
    const cut = Promise.withResolvers<void>();
    const slow: TransformControl = {
      ...control,
      verify: async (which) => {
        await cut.promise;
        return control.verify(which);
      },
      touch: () => new Promise(() => {}),
    };
    const patience = {
      ...{ headersTimeout: 1_000, requestTimeout: 1_000, keepAliveTimeout: 1_000 },
      ...{ idleTimeout: 100, lookTimeout: 100, graceTimeout: 0 },
    };
    const options = { logger: noLogger, urlBytes: 1_000, hosts: new Set<string>() };
    const impatient = await listen(
      operatorsApp(controlApi(slow), options),
      { host: '127.0.0.1', port: 0, urlBytes: 1_000 },
      patience,
    );
    try {
      const ask = (path: string, body: object) =>
        fetch(`${impatient.url}${path}`, {
          ...{ method: 'POST', headers: { 'Content-Type': 'application/json' } },
          body: JSON.stringify(body),
        });
      const verified = ask('/verify', { catalog: 'hca' });
      const touched = { catalog: 'hca', entityType: 'files', entityId: 'a' };
      expect(await ask('/touch', touched).catch((error: unknown) => error)).to.be.an('error');
      cut.resolve();
      expect((await verified).status).to.equal(200);
    } finally {
      await impatient.stop();
    }
  });
});
