import { expect } from 'chai';
import type { SourceRef } from '../../core/config/sources.ts';
import type { Identity } from '../../core/model/authentication.ts';
import { type Exporting, exported, startExporting } from '../rigs/exports/exporting.ts';
import { withFilters } from '../rigs/service/harness.ts';

const source = (id: string): SourceRef => ({ id, spec: `herbarium:${id}:` });

describe('Who may have a manifest', () => {
  let scene: Exporting;
  /** by subject; null is who brings no credential */
  const sees = new Map<string | null, readonly string[]>();
  const sources: SourceRef[] = [];
  beforeEach(async () => {
    sees.clear();
    sees.set(null, ['a']).set('ann', ['a', 'b']).set('bob', ['b', 'a']);
    sources.splice(0, sources.length, source('a'), source('b'));
    const of = ({ subject }: Identity) => sees.get(subject) ?? [];
    scene = await startExporting({ sources, sees: of });
  });
  afterEach(() => scene[Symbol.asyncDispose]());

  const as = async (who: string | null, method: string, path: string) => {
    const headers = who === null ? {} : { Authorization: who };
    const answer = await fetch(scene.service.url + path, { method, redirect: 'manual', headers });
    const text = await answer.text();
    return {
      status: answer.status,
      location: answer.headers.get('Location')?.slice(scene.service.url.length) ?? '',
      text,
    };
  };
  const put = (who: string | null, filters = {}) => as(who, 'PUT', `/manifest/files${withFilters(filters)}`);

  it('is of sources that the caller may see, whoever that is', async () => {
    await put('ann');
    await put('bob');
    await put(null);
    const requests = [];
    for (let i = 0; i < 2; i++) requests.push((await scene.claim()).job.request);
    expect(requests.map(({ sources: ids }) => ids).sort()).to.deep.equal([['a'], ['a', 'b']]);
    expect(JSON.stringify(requests)).to.not.match(/ann|bob/);
    const places = JSON.stringify(await scene.exports.jobs.queue.all());
    expect(places).to.not.match(/ann|bob|127\.0\.0\.1/);
  });

  it('leaves out sources that the catalog does not have, so that they make no other key', async () => {
    sees.set('ann', ['a', 'b', 'of another catalog']);
    await put('ann');
    await put('bob');
    expect((await scene.exports.jobs.queue.all()).length).to.equal(1);
    expect((await scene.claim()).job.request.sources).to.deep.equal(['a', 'b']);
  });

  it('is nobody who asks for a source that he may not see', async () => {
    const refused = await put(null, { sourceId: { is: ['b'] } });
    expect([refused.status, JSON.parse(refused.text).Code]).to.deep.equal([403, 'ForbiddenError']);
    expect(refused.text).to.include('Cannot filter by inaccessible sources');
    expect((await put('ann', { sourceId: { is: ['b'] } })).status).to.equal(301);
  });

  it('is asked again at each poll that brings a credential; the shared job goes on for the others', async () => {
    const [ann, bob] = [await put('ann'), await put('bob')];
    sees.set('ann', ['a']);
    expect((await as('ann', 'GET', ann.location)).status).to.equal(403);
    expect((await as('bob', 'GET', bob.location)).status).to.equal(301);
    await scene.finish(await scene.claim());
    expect((await as('ann', 'GET', ann.location)).status).to.equal(403);
    expect((await as('bob', 'GET', bob.location)).status).to.equal(302);
    // The token itself is what lets him wait who brings none.
    expect((await as(null, 'GET', bob.location)).status).to.equal(302);
  });

  it('is nobody any more where the catalog has lost a source', async () => {
    const { location } = await put('ann');
    await scene.finish(await scene.claim());
    sources.pop();
    expect((await as(null, 'GET', location)).status).to.equal(403);
    sees.set('ann', ['a']);
    expect((await put('ann')).status).to.equal(301);
  });

  it('is asked of the repository, without which nobody gets anything', async () => {
    const broken = await startExporting({
      repository: {
        listSources: async () => sources,
        accessibleSources: () => Promise.reject(new Error('down')),
        listBundles: () => expect.fail(),
        fetchBundle: () => expect.fail(),
      },
    });
    const answer = await broken.service.send('PUT', '/manifest/files');
    expect(answer.status).to.equal(503);
    await broken[Symbol.asyncDispose]();
  });
});

describe('The key of a manifest for curl', () => {
  const start = async (hourlyLinks?: true) => {
    const { manifests } = exported;
    if (manifests === undefined) return expect.fail();
    return startExporting({
      plugin: { ...exported, manifests: { ...manifests, ...(hourlyLinks && { hourlyLinks }) } },
    });
  };
  /** What a script is told of a finished manifest. */
  const finished = async (scene: Exporting, headers = {}) => {
    const path = '/fetch/manifest/files?format=curl';
    await scene.service.send('PUT', path);
    await scene.finish(await scene.claim(), 'url="http://x"\n', { name: 'some.curlrc' });
    const answer = await fetch(scene.service.url + path, { method: 'PUT', headers });
    return (await answer.json()) as { Location: string; CommandLine: { bash: string } };
  };

  it('works for seven days, without a token of the caller', async () => {
    await using scene = await start();
    const { Location, CommandLine } = await finished(scene);
    expect(CommandLine.bash).to.equal(
      `curl --location --fail ${Location} | curl --fail-early --continue-at - --retry 15 --retry-delay 10 --config -`,
    );
    const path = Location.slice(scene.service.url.length);
    expect(path).to.match(/^\/manifest\/files\/[\w-]+$/);
    for (const days of [0, 3, 6.9]) {
      scene.skew = days * 24 * 60 * 60 * 1000;
      const { status, headers, body } = await scene.service.get(path);
      expect(status).to.equal(302);
      expect(body).to.include('| curl --fail-early');
      const url = String(headers.get('Location')).slice(scene.service.url.length);
      expect((await scene.service.get(url)).body).to.equal('url="http://x"\n');
    }
    scene.skew = 7.1 * 24 * 60 * 60 * 1000;
    const late = await scene.service.get(path);
    expect([late.status, late.body]).to.deep.equal([
      410,
      { Code: 'GoneError', Message: 'The requested manifest has expired, please request a new one.' },
    ]);
  });

  it('has the file made again that was deleted early, while curl waits', async () => {
    await using scene = await start();
    const { Location } = await finished(scene);
    for await (const name of scene.exports.objects.list()) await scene.exports.objects.delete(name);
    const file = fetch(Location).then((answer) => answer.text());
    let attempt: Awaited<ReturnType<Exporting['claim']>> | undefined;
    while (attempt === undefined) attempt = await scene.claim().catch(() => undefined);
    await scene.finish(attempt, 'again');
    expect(await file).to.equal('again');
  });

  it('is for redirects alone, and for nobody who says who he is', async () => {
    await using scene = await start();
    const { Location } = await finished(scene);
    const token = Location.split('/').at(-1);
    const refused = async (path: string, headers = {}) => {
      const { status, body } = await scene.service.get(path, headers);
      return [status, body.Message];
    };
    expect(await refused(`/fetch/manifest/files/${token}`)).to.deep.equal([
      400,
      'The fetch endpoint does not support a manifest key. Leave out `/fetch` from the path.',
    ]);
    expect(await refused(`/manifest/files/${token}`, { Authorization: 'ann' })).to.deep.equal([
      400,
      'Must omit authentication when passing a manifest key. Leave out the Authorization header.',
    ]);
  });

  it('stands in command lines beside the credential by which files are asked for', async () => {
    await using scene = await start();
    const { CommandLine } = await finished(scene, { Authorization: 'a token' });
    expect(CommandLine.bash).to.match(/\| curl --header 'Authorization: a token' --fail-early/);
  });

  it('is given to nobody where the plug-in forbids it', async () => {
    await using scene = await start(true);
    const { Location } = await finished(scene);
    expect(Location).to.match(
      /\/manifest\/objects\/[\w-]{43}\.curlrc\?name=some\.curlrc&expires=\d+&signature=[\w-]{43}$/,
    );
  });
});
