import { expect } from 'chai';
import { withFilters } from '../rigs/service/harness.ts';
import { idOf, type Scene, startScene } from './signed-in-scene.ts';

/** What every door is to show to who may see these sources. */
function allDoors(visible: readonly string[], sources: readonly string[]) {
  const [files, of] = [[...visible].sort(), [...sources].sort()];
  const lists = ['list', 'posted', 'facets', 'single', 'downloads', 'scripted', 'checksums', 'drs', 'access', 'bulk'];
  return {
    ...Object.fromEntries(lists.map((door) => [door, files])),
    ...{ summary: [`${files.length} files`], sources: of, '/manifest/files': of, '/fetch/manifest/files': of },
  };
}

const seconds = () => Math.floor(Date.now() / 1000);

describe('Managed access, by people who have signed in,', () => {
  let scene: Scene;
  before(async () => {
    scene = await startScene();
  });
  after(() => scene[Symbol.asyncDispose]());
  afterEach(() => {
    scene.oidc.condition = 'up';
  });

  it('shows to each what their groups may see, at every door', async () => {
    const { oidc } = scene;
    const ann = (await oidc.signIn('ann')).access_token;
    const bob = await oidc.token('bob', { format: 'opaque' });
    expect(await scene.doors(undefined)).to.deep.equal(allDoors(['open'], ['open']));
    expect(await scene.doors(ann)).to.deep.equal(allDoors(['open', 'lung'], ['open', 'lung']));
    expect(await scene.doors(bob)).to.deep.equal(allDoors(['open', 'kidney'], ['open', 'kidney']));
    const both = await oidc.token('cat');
    const all = ['open', 'lung', 'kidney'];
    expect(await scene.doors(both)).to.deep.equal(allDoors([...all, 'both'], all));
  });

  it('refuses at every door who has a token that is good no more, and takes nobody for anonymous', async () => {
    const { oidc } = scene;
    const revoked = await oidc.token('ann', { format: 'opaque' });
    await oidc.revoke(revoked);
    const tokens = {
      revoked,
      expired: await oidc.token('ann', { issued: seconds() - 4_000 }),
      'of another service': await oidc.token('ann', { audience: 'https://other.example' }),
    };
    for (const [what, token] of Object.entries(tokens)) {
      const doors = Object.entries(await scene.doors(token));
      expect(Object.fromEntries(doors), what).to.deep.equal(Object.fromEntries(doors.map(([door]) => [door, 401])));
    }
    const { headers } = await scene.ask(tokens.expired, '/index/files');
    expect(headers.get('WWW-Authenticate')).to.equal('Bearer');
  });

  it('shows less to who has left a group', async () => {
    const { oidc } = scene;
    oidc.people.set('rex', { groups: ['lung'] });
    expect((await scene.doors(await oidc.token('rex'))).list).to.deep.equal(['lung', 'open']);
    oidc.people.set('rex', { groups: [] });
    const rex = await oidc.token('rex');
    expect(await scene.doors(rex)).to.deep.equal(allDoors(['open'], ['open']));
    const asked = withFilters({ sourceId: { is: ['lung'] } });
    for (const path of ['/index/files', '/index/summary'])
      expect((await scene.ask(rex, `${path}${asked}`)).status).to.equal(403);
    expect((await scene.ask(rex, `/manifest/files${asked}`, 'PUT')).status).to.equal(403);
  });

  it('lets nobody in while the provider is down, and serves all who are anonymous', async () => {
    const token = await scene.oidc.token('ann', { format: 'opaque' });
    scene.oidc.condition = 'unavailable';
    const doors = Object.entries(await scene.doors(token));
    expect(Object.fromEntries(doors)).to.deep.equal(Object.fromEntries(doors.map(([door]) => [door, 503])));
    expect((await scene.ask(token, '/index/files')).headers.get('Retry-After')).to.match(/^\d+$/);
    expect(await scene.doors(undefined)).to.deep.equal(allDoors(['open'], ['open']));
  });

  it('makes a manifest for those alone who may see the same', async () => {
    const { oidc } = scene;
    const [ann, bea, bob] = [await oidc.token('ann'), await oidc.token('bea'), await oidc.token('bob')];
    const path = `/fetch/manifest/files${withFilters({ fileName: { is: ['lung.txt'] } })}&format=compact`;
    const put = async (token: string) => (await scene.ask(token, path, 'PUT')).json.Location as string;
    const [first, second, third] = [await put(ann), await put(bea), await put(bob)];
    const hashOf = (url: string) => scene.exports.tokens.parse(url.split('/').at(-1) ?? '', ['poll'])?.hash;
    expect(hashOf(first)).to.equal(hashOf(second)).and.not.equal(hashOf(third));
    const poll = (url: string, token?: string) => scene.ask(token, url.slice(scene.service.url.length));
    expect((await poll(first, bob)).status).to.equal(403);
    expect((await poll(first, await oidc.token('ann', { issued: seconds() - 4_000 }))).status).to.equal(401);
    for (const token of [ann, bea]) expect((await poll(first, token)).json.Status).to.equal(301);
  });

  it('gives the file of a key that was signed to anybody, without a token', async () => {
    const ann = await scene.oidc.token('ann');
    const path = '/fetch/manifest/files?format=curl';
    await scene.ask(ann, path, 'PUT');
    await scene.finish(await scene.claim('curl'), 'url="http://x"\n', { name: 'some.curlrc' });
    const { json } = await scene.ask(ann, path, 'PUT');
    expect(json.CommandLine.bash).to.include(`--header 'Authorization: Bearer ${ann}'`);
    const key = (json.Location as string).slice(scene.service.url.length);
    const got = await scene.ask(undefined, key);
    expect(got.status).to.equal(302);
    expect(await (await fetch(got.headers.get('Location') ?? '')).text()).to.equal('url="http://x"\n');
    const { Location } = (await scene.ask(ann, `/fetch/repository/files/${idOf('lung')}`)).json;
    expect(await (await fetch(Location)).text()).to.equal('bytes of lung');
    expect((await scene.ask(undefined, `/repository/files/${idOf('lung')}`)).status).to.equal(404);
  });
});
