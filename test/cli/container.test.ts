import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';
import { freePort } from '../../cli/engines/ports.ts';
import { written } from '../plugins/outside/folders.ts';
import { lazuli, settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { until } from '../rigs/until.ts';

const environmentOf = (settings: object) => ({ LAZULI_SETTINGS: JSON.stringify(settings), NODE_ENV: 'production' });

/** Code with which the health check of the image ends. */
async function healthy(url: string): Promise<number | null> {
  const child = spawn(process.execPath, [join(clone, 'bin/healthy.js'), url], { stdio: 'ignore' });
  return new Promise((resolve) => child.once('close', resolve));
}

describe('A process with the environment of a container', function () {
  this.timeout(60_000);

  for (const role of ['query', 'indexer', 'ingest'] as const) {
    it(`is ${role}: becomes healthy, and ends with code 0 at SIGTERM`, async () => {
      using folder = temporaryFolder();
      mkdirSync(join(folder.path, 'bundles'));
      const source = { id: '42848d8f-ecdc-5b32-a667-a7b5aedfc9f5', spec: 'https://repository.example/v1:/2' };
      writeFileSync(join(folder.path, 'bundles/bundles.json'), JSON.stringify({ catalog: 'hca', source, bundles: [] }));
      const settings = settingsIn(folder.path);
      const port = await freePort();
      const http = { ...settings.http, [role]: port };
      const env = {
        ...process.env,
        ...environmentOf({ ...settings, http }),
        LAZULI_HMAC_KEY: JSON.stringify({ key: 'k'.repeat(32), key_id: 'id' }),
        LAZULI_OPENSEARCH_USERNAME: 'lazuli_local_reader',
        LAZULI_OPENSEARCH_PASSWORD: 'pass-word',
      };
      const child = spawn(process.execPath, ['cli/main.ts', 'run', role], { cwd: clone, env, stdio: 'ignore' });
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      const url = `http://127.0.0.1:${port}/health/basic`;
      await until(async () => child.exitCode !== null || (await healthy(url)) === 0, 40_000);
      child.kill('SIGTERM');
      expect(await ended).to.equal(0);
      expect(await healthy(url)).to.equal(1);
    });
  }

  it('logs a plug-in that is refused, and goes on with catalogs that do not need it', async () => {
    using folder = temporaryFolder();
    written(join(folder.path, 'bundles'), {
      'bundles.json': { source: { id: 'archive', spec: 'https://archive.example/v1:/0' }, bundles: [] },
    });
    const settings = settingsIn(folder.path);
    const query = await freePort();
    const given = { ...settings, http: { ...settings.http, query }, plugins: [join(folder.path, 'nowhere')] };
    const env = { ...process.env, ...environmentOf(given) };
    const child = spawn(process.execPath, ['cli/main.ts', 'run', 'query'], { cwd: clone, env });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await until(
      async () => child.exitCode !== null || (await healthy(`http://127.0.0.1:${query}/health/basic`)) === 0,
      40_000,
    );
    child.kill('SIGTERM');
    expect(await ended, log).to.equal(0);
    expect(log)
      .to.match(/"a plug-in is refused"/)
      .and.contain(`There is no folder ${folder.path}/nowhere`);
  });

  it('is told which variable is wrong, and shows no secret', async () => {
    const run = (env: Record<string, string>) => lazuli(['run', 'query'], '', env);
    using folder = temporaryFolder();
    const good = environmentOf(settingsIn(folder.path));
    for (const [env, message] of [
      [{ LAZULI_SETTINGS: '{' }, 'LAZULI_SETTINGS'],
      [{ LAZULI_SETTINGS: '{}' }, 'LAZULI_SETTINGS'],
      [{ ...good, LAZULI_OPENSEARCH_USERNAME: 'u' }, 'LAZULI_OPENSEARCH_PASSWORD'],
      [
        { ...good, LAZULI_OPENSEARCH_USERNAME: 'u', LAZULI_OPENSEARCH_PASSWORD_FILE: '/no/such' },
        'LAZULI_OPENSEARCH_PASSWORD_FILE',
      ],
    ] as const) {
      const { code, err } = await run(env);
      expect(code).to.equal(2);
      expect(err).to.include(message);
    }
    const { code, err } = await lazuli(['run', 'indexer'], '', { ...good, LAZULI_HMAC_KEY: 'geheim' });
    expect(code).to.equal(2);
    expect(err).to.not.include('geheim');
  });
});

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** Stands in for a search domain: notes what it is asked, and answers with what it has at a path. */
async function domainWith(has: Readonly<Record<string, unknown>>) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const { method, url = '', headers } = request;
    const text = Buffer.concat(await request.toArray()).toString();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    seen.push({ method, url, authorization: headers.authorization, body });
    const done = url.startsWith(api) ? { status: 'OK', message: 'done' } : { acknowledged: true };
    const answer = method === 'GET' ? (has[url.split('?')[0] ?? ''] ?? {}) : done;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { seen, url, [Symbol.dispose]: () => void server.close() };
}

const api = '/_plugins/_security/api';

describe('The bootstrap of a search domain', () => {
  it('makes users and roles that reach the indices of their deployment only, as the master user, and may be repeated', async () => {
    using domain = await domainWith({});
    const { seen, url } = domain;
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'writer'), 'writes-1\n');
    const env = {
      ...environmentOf({ ...settingsIn(folder.path), deployment: 'dev', opensearch: { url } }),
      LAZULI_OPENSEARCH_USERNAME: 'master',
      LAZULI_OPENSEARCH_PASSWORD: 'p@ss:/word',
      LAZULI_WRITER_PASSWORD_FILE: join(folder.path, 'writer'),
      LAZULI_READER_PASSWORD: 'reads-1',
    };
    const first = await lazuli(['bootstrap'], '', env);
    expect(first.code, first.err).to.equal(0);
    const requests = seen.splice(0);
    await lazuli(['bootstrap'], '', env);
    expect(seen).to.deep.equal(requests);

    const basic = `Basic ${Buffer.from('master:p@ss:/word').toString('base64')}`;
    expect(new Set(requests.map(({ method, authorization }) => `${method} ${authorization}`))).to.deep.equal(
      new Set([`PUT ${basic}`]),
    );
    const indices = (actions: readonly string[]) => [{ index_patterns: ['lazuli_dev_*'], allowed_actions: actions }];
    expect(Object.fromEntries(requests.map(({ url: path, body }) => [path, body]))).to.deep.equal({
      '/_cluster/settings': { persistent: { 'action.auto_create_index': 'false' } },
      [`${api}/roles/lazuli_dev_writer`]: {
        cluster_permissions: ['cluster_composite_ops', 'cluster:monitor/main', 'cluster:monitor/health'],
        index_permissions: indices(['indices_all']),
      },
      [`${api}/internalusers/lazuli_dev_writer`]: { password: 'writes-1' },
      [`${api}/rolesmapping/lazuli_dev_writer`]: { users: ['lazuli_dev_writer'] },
      [`${api}/roles/lazuli_dev_reader`]: {
        cluster_permissions: ['cluster_composite_ops_ro', 'cluster:monitor/main'],
        index_permissions: indices(['read', 'indices:monitor/settings/get', 'indices:admin/get']),
      },
      [`${api}/internalusers/lazuli_dev_reader`]: { password: 'reads-1' },
      [`${api}/rolesmapping/lazuli_dev_reader`]: { users: ['lazuli_dev_reader'] },
    });
  });

  it('makes those of tenants, and removes what deployments have left that share the domain no more', async () => {
    const names = ['dev', 'ann', 'gone', 'gone2'].flatMap((name) => [`lazuli_${name}_writer`, `lazuli_${name}_reader`]);
    const others = { master: {}, all_access: {}, lazuli_gone: {}, lazuli_Gone_writer: {} };
    const listed = { ...Object.fromEntries(names.map((name) => [name, {}])), ...others };
    const index = (deployment: string) => ({ index: `lazuli_${deployment}_hca_files_g1` });
    using domain = await domainWith({
      ...Object.fromEntries(['internalusers', 'rolesmapping', 'roles'].map((kind) => [`${api}/${kind}`, listed])),
      '/_cat/indices/lazuli_*': [index('dev'), index('ann'), index('gone'), { index: '.kibana' }, { index: 'lazuli_' }],
    });
    using folder = temporaryFolder();
    const env = {
      ...environmentOf({ ...settingsIn(folder.path), deployment: 'dev', opensearch: { url: domain.url } }),
      LAZULI_OPENSEARCH_USERNAME: 'master',
      LAZULI_OPENSEARCH_PASSWORD: 'secret',
      LAZULI_WRITER_PASSWORD: 'writes-1',
      LAZULI_READER_PASSWORD: 'reads-1',
      LAZULI_ANN_WRITER_PASSWORD: 'writes-2',
      LAZULI_ANN_READER_PASSWORD: 'reads-2',
    };
    const { code, err, out } = await lazuli(['bootstrap', '--remove-others', '--tenant', 'ann'], '', env);
    expect(code, err).to.equal(0);
    const of = (method: string) => domain.seen.filter((one) => one.method === method);
    const made = new Map(of('PUT').map(({ url, body }) => [url, body]));
    expect(made.get(`${api}/internalusers/lazuli_ann_writer`)).to.deep.equal({ password: 'writes-2' });
    expect(made.get(`${api}/internalusers/lazuli_ann_reader`)).to.deep.equal({ password: 'reads-2' });
    const left = ['gone', 'gone2'].flatMap((name) => [`lazuli_${name}_writer`, `lazuli_${name}_reader`]);
    const removed = [
      ...['internalusers', 'rolesmapping', 'roles'].flatMap((kind) => left.map((name) => `${api}/${kind}/${name}`)),
      '/lazuli_gone_hca_files_g1',
    ];
    expect(of('DELETE').map(({ url }) => url)).to.deep.equal(removed);
    for (const path of removed) expect(out).to.include(`removed ${path}`);
  });

  it('refuses a tenant that can be none, and one whose passwords are missing, before it asks for anything', async () => {
    using domain = await domainWith({});
    using folder = temporaryFolder();
    const env = {
      ...environmentOf({ ...settingsIn(folder.path), opensearch: { url: domain.url } }),
      LAZULI_WRITER_PASSWORD: 'writes-1',
      LAZULI_READER_PASSWORD: 'reads-1',
    };
    const refused = await lazuli(['bootstrap', '--tenant', 'Ann'], '', env);
    expect(refused.code).to.equal(2);
    expect(refused.err).to.include("'Ann' can't be the name of a deployment");
    const missing = await lazuli(['bootstrap', '--tenant', 'ann'], '', env);
    expect(missing.code).to.equal(2);
    expect(missing.err).to.include('LAZULI_ANN_WRITER_PASSWORD is missing');
    expect(domain.seen).to.deep.equal([]);
  });
});
