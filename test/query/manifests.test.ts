import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import { exportCheck } from '../../query/manifests/watching.ts';
import { type Exporting, startExporting } from '../rigs/exports/exporting.ts';
import { type Conformance, conformanceTo } from '../rigs/http/conformance.ts';
import { withFilters } from '../rigs/service/harness.ts';

/** A path without the address before it. */
const pathIn = (scene: Exporting, location: unknown): string => {
  expect(location)
    .to.be.a('string')
    .and.satisfy((text: string) => text.startsWith(`${scene.service.url}/`));
  return String(location).slice(scene.service.url.length);
};

describe('Requests for manifests', () => {
  let scene: Exporting;
  let conforms: Conformance;
  before(async () => {
    const documented = await startExporting();
    conforms = conformanceTo((await documented.service.get('/openapi')).body);
    await documented[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    scene = await startExporting();
  });
  afterEach(() => scene[Symbol.asyncDispose]());

  const send = async (method: string, path: string, body?: string, type?: string) => {
    const answer = await scene.service.send(method, path, body, type);
    const conformance = conforms({ method, path, ...answer });
    expect(conformance, JSON.stringify(answer.body)).to.equal(undefined);
    return answer;
  };
  const put = (path = '/manifest/files') => send('PUT', path);
  const poll = (location: unknown) => send('GET', pathIn(scene, location));

  it('begin a job, wait for it step by step, and end at the file', async () => {
    const started = await put();
    expect([started.status, started.body, started.headers.get('Retry-After')]).to.deep.equal([301, null, '1']);
    let location = started.headers.get('Location');
    const waits = [];
    for (let i = 0; i < 7; i++) {
      const waiting = await poll(location);
      expect([waiting.status, waiting.body]).to.deep.equal([301, null]);
      waits.push(Number(waiting.headers.get('Retry-After')));
      expect(waiting.headers.get('Location')).to.not.equal(location);
      location = waiting.headers.get('Location');
    }
    expect(waits).to.deep.equal([1, 1, 4, 6, 10, 10, 10]);
    await scene.finish(await scene.claim());
    const ready = await poll(location);
    expect([ready.status, ready.headers.get('Content-Type')]).to.deep.equal([302, 'text/plain; charset=utf-8']);
    const url = String(ready.headers.get('Location'));
    expect(ready.body).to.equal(
      `\nDownload the manifest in cmd.exe with \`curl\` using:\n\ncurl.exe --location --fail --output "some sheets.tsv" "${url}"\n` +
        `\nDownload the manifest in bash with \`curl\` using:\n\ncurl --location --fail --output 'some sheets.tsv' '${url}'\n`,
    );
    const file = await scene.service.get(pathIn(scene, url));
    expect([file.status, file.body]).to.deep.equal([200, 'a\tb\r\n']);
    expect(file.headers.get('Content-Disposition')).to.equal('attachment; filename="some sheets.tsv"');
    expect(file.headers.get('Content-Type')).to.equal('text/tab-separated-values; charset=utf-8');
  });

  it('say the same to scripts in a body with status 200, where old clients find what they know', async () => {
    const started = await put('/fetch/manifest/files');
    expect([started.status, started.body.Status, started.body['Retry-After']]).to.deep.equal([200, 301, 1]);
    const attempt = await scene.claim();
    await attempt.beat({ rows: 50, total: 200, bytes: 1_234 });
    const waiting = await poll(started.body.Location);
    expect(waiting.body).to.deep.equal({
      ...{ Status: 301, Location: waiting.body.Location, 'Retry-After': 1 },
      Progress: { percent: 24, rows: 50, bytes: 1_234 },
    });
    expect(pathIn(scene, waiting.body.Location)).to.match(/^\/fetch\/manifest\/files\/[\w-]+$/);
    expect(waiting.headers.get('Job-Progress')).to.equal('percent=24, rows=50, bytes=1234');
    await scene.finish(attempt);
    const ready = await poll(waiting.body.Location);
    expect(ready.headers.get('Job-Progress')).to.equal('percent=100, rows=1, bytes=5');
    expect(Object.keys(ready.body)).to.deep.equal(['Status', 'Location', 'CommandLine']);
    expect(ready.body.Status).to.equal(302);
    expect(ready.body.CommandLine.bash).to.include(`'${ready.body.Location}'`);
    expect((await scene.service.get(pathIn(scene, ready.body.Location))).body).to.equal('a\tb\r\n');
  });

  it('are answered at once where the file is there, however the filters are written', async () => {
    await put(`/manifest/files${withFilters({ title: { is: ['b', 'a'] }, bytes: { within: [[1, 2]] } })}`);
    await scene.finish(await scene.claim());
    const again = await put(
      `/fetch/manifest/files${withFilters({ bytes: { within: [[1, 2]] }, title: { is: ['a', 'b', 'a'] } }, { format: 'compact', catalog: 'plants' })}`,
    );
    expect(again.body.Status).to.equal(302);
    expect([...scene.counted]).to.deep.equal([
      ['queued', 1],
      ['ready', 1],
    ]);
  });

  it('share one job where they are the same, a thousand at once too', async () => {
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, () => scene.service.send('PUT', '/manifest/files')),
    );
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([301]));
    expect(
      new Set((await scene.exports.jobs.queue.all()).map(({ hash, number }) => `${hash} ${number}`)).size,
    ).to.equal(1);
    expect(scene.asked.times).to.be.below(60);
    await scene.finish(await scene.claim());
    expect((await poll(answers[999]?.headers.get('Location'))).status).to.equal(302);
  }).timeout(60_000);

  it('have jobs of their own where they differ, each as its caller asked for it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => put(`/manifest/files${withFilters({ title: { is: [String(i)] } })}`)),
    );
    expect((await scene.exports.jobs.queue.all()).length).to.equal(50);
    for (let i = 0; i < 50; i++) {
      const attempt = await scene.claim();
      await scene.finish(attempt, attempt.job.request.filters);
    }
    for (const [i, { headers }] of answers.entries()) {
      const url = (await poll(headers.get('Location'))).headers.get('Location');
      const { body } = await scene.service.get(pathIn(scene, url));
      expect(body).to.equal(JSON.stringify({ title: { is: [String(i)] } }));
    }
  }).timeout(60_000);

  it('take parameters from a JSON body, and ignore any other', async () => {
    const filters = JSON.stringify({ title: { is: ['a'] } });
    await send('PUT', '/manifest/files', JSON.stringify({ filters, format: 'parquet' }));
    const { request } = (await scene.claim()).job;
    expect([request.filters, request.format]).to.deep.equal([filters, 'parquet']);
    expect((await send('PUT', '/manifest/files', 'filters=x', 'text/plain')).status).to.equal(301);
    const refused = async (path: string, body: string) => {
      const answer = await send('PUT', path, body);
      expect([answer.status, answer.body.Code]).to.deep.equal([400, 'BadRequestError']);
      return answer.body.Message;
    };
    expect(await refused('/manifest/files', '')).to.match(/^Error Parsing JSON/);
    expect(await refused('/manifest/files', '{')).to.match(/^Error Parsing JSON/);
    expect(await refused('/manifest/files', '[]')).to.match(/^Request body is not a JSON object/);
    expect(await refused('/manifest/files?format=curl', '{"format":"curl"}')).to.match(/^Conflicting keys/);
    expect(await refused('/manifest/files', '{"filters":{}}')).to.match(/^Invalid value for `filters`/);
  });

  it('are refused where they are wrong', async () => {
    const refused = async (path: string, method = 'PUT') => {
      const { status, body } = await send(method, path);
      return [status, body.Code, body.Message];
    };
    const [, , unknown] = await refused('/manifest/files?format=fluffy');
    expect(unknown).to.equal('Unknown manifest format `fluffy`. Must be one of compact, curl, parquet.');
    expect(await refused('/fetch/manifest/files?format=terra.bdbag')).to.deep.equal([
      400,
      'BadRequestError',
      'Manifest format `terra.bdbag` is not supported for catalog plants. Must be one of compact, curl, parquet.',
    ]);
    expect((await refused('/manifest/files?catalog=nosuch'))[0]).to.equal(404);
    expect((await refused('/manifest/files?foo=1'))[2]).to.match(/^Unknown query parameter `foo`/);
    expect((await refused(`/manifest/files${withFilters({ nosuch: { is: ['x'] } })}`))[2]).to.match(
      /^Unknown field `nosuch`/,
    );
    expect(await refused('/manifest/files/abc', 'GET')).to.deep.equal([
      400,
      'BadRequestError',
      'Invalid token. Ask for the manifest again.',
    ]);
    expect((await refused('/fetch/manifest/files/abc', 'GET'))[0]).to.equal(400);
    expect((await refused('/manifest/files', 'GET'))[0]).to.equal(405);
    const path = pathIn(scene, (await put()).headers.get('Location'));
    expect((await refused(`${path}?wait=1`, 'GET'))[2]).to.match(/^Unknown query parameter `wait`/);
  });

  it('are refused for a while where no documents are published yet, or too many wait', async () => {
    scene.snapshot = null;
    const early = await put();
    expect([early.status, early.headers.get('Retry-After')]).to.deep.equal([503, '5']);
    await using full = await startExporting({ limits: { waitingJobs: 3, callerJobs: 2 } });
    const ask = (title: string, address: string) =>
      fetch(`${full.service.url}/manifest/files${withFilters({ title: { is: [title] } })}`, {
        ...{ method: 'PUT', redirect: 'manual', headers: { 'X-Forwarded-For': address } },
      });
    const statuses = [];
    for (const [title, address] of [
      ['1', 'a'],
      ['2', 'a'],
      ['3', 'a'],
      ['1', 'a'],
      ['3', 'b'],
      ['4', 'b'],
      ['4', 'c'],
    ] as const)
      statuses.push((await ask(title, address)).status);
    expect(statuses).to.deep.equal([301, 301, 503, 301, 301, 503, 503]);
  });

  it('are refused for a while where something that is kept can not be read; where it is kept is not told', async () => {
    const location = (await put()).headers.get('Location');
    const look = async () => {
      throw new LazuliError('staging_unavailable', 's3://secret/_exports: no');
    };
    Object.assign(scene.exports.jobs, { look });
    for (const { status, body } of [await put('/manifest/files?format=curl'), await poll(location)]) {
      const Message =
        'What is needed for manifests can not be read or written at the moment. Try again in a few seconds.';
      expect([status, body]).to.deep.equal([503, { Code: 'ServiceUnavailableError', Message }]);
    }
    const health = await exportCheck(async () => ({
      ...scene.exports,
      workers: { heard: look },
    }))().catch(String);
    expect(health).to.include('can not be read').and.not.include('secret');
  });

  it('are tried again where the job failed, of which those who waited are told', async () => {
    const started = await put();
    const attempt = await scene.claim();
    await attempt.fail({ code: 'manifest_failed', message: 'it is too large.', remedy: 'Ask for less.' }, Date.now());
    const told = await poll(started.headers.get('Location'));
    expect([told.status, told.body]).to.deep.equal([
      500,
      { Code: 'ChaliceViewError', Message: 'Failed to generate manifest: it is too large. Ask for less.' },
    ]);
    const again = await put();
    expect(again.status).to.equal(301);
    expect((await poll(started.headers.get('Location'))).status).to.equal(301);
    await scene.finish(await scene.claim());
    expect((await poll(again.headers.get('Location'))).status).to.equal(302);
  });

  it('make a file again that was deleted early, or whose time is over', async () => {
    const started = await put();
    const attempt = await scene.claim();
    await scene.finish(attempt);
    await scene.exports.objects.delete(`${attempt.job.hash}.tsv`);
    expect((await poll(started.headers.get('Location'))).headers.get('Retry-After')).to.equal('1');
    await scene.finish(await scene.claim(), 'second');
    const { headers } = await poll(started.headers.get('Location'));
    expect((await scene.service.get(pathIn(scene, headers.get('Location')))).body).to.equal('second');
    expect((await put()).status).to.equal(302);
    scene.skew = 8 * 24 * 60 * 60 * 1000;
    expect((await put()).status).to.equal(301);
    await scene.finish(await scene.claim(), 'third');
  });

  it('make another file where the documents have changed', async () => {
    await put();
    await scene.finish(await scene.claim());
    scene.snapshot = 2;
    scene.skew = 2_000;
    expect((await put()).status).to.equal(301);
  });

  it('ask a caller who follows at once to wait a little with the answer, so that curl ends with the file', async () => {
    const { service } = scene;
    const begun = fetch(`${service.url}/manifest/files`, {
      ...{ method: 'POST', body: '', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } },
    });
    let attempt: Awaited<ReturnType<Exporting['claim']>> | undefined;
    while (attempt === undefined) attempt = await scene.claim().catch(() => undefined);
    await scene.finish(attempt);
    expect(await (await begun).text()).to.equal('a\tb\r\n');
  });
});
