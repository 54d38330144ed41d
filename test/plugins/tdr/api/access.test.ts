import { expect } from 'chai';
import type { Identity } from '../../../../core/model/authentication.ts';
import { patient } from '../../../signals.ts';
import { anonymous, idOf, person, type Scene, setScene, toldBy } from './scene.ts';

const roleMap = /roleMap$/;

describe('Who may see snapshots of the Terra Data Repository', () => {
  let scene: Scene;
  before(async () => {
    scene = await setScene();
  });
  after(() => scene.close());
  afterEach(() => scene.standIn.faults.clear());

  const open = (options?: object) => scene.open(['ANVIL_one', 'ANVIL_one_more', 'ANVIL_abroad'], options);
  const seen = async (identity: Identity, options?: object) =>
    toldBy(
      open(options)
        .accessibleSources(identity, patient)
        .then((ids) => [...ids]),
    );

  it('is asked by their own credentials, and by the public account for who has none', async () => {
    scene.standIn.log.length = 0;
    expect(await seen(anonymous)).to.deep.equal([idOf(1)]);
    expect(await seen(person('ann'))).to.deep.equal([idOf(1), idOf(2)]);
    expect(await seen(anonymous, { accounts: { indexer: `${scene.folder}/indexer.json` } })).to.deep.equal([]);
    const asked = scene.standIn.log.filter(({ path }) => path.startsWith('/api/'));
    expect(asked.map(({ path, account }) => [path.split('/').at(-1), account?.split('@')[0]])).to.deep.equal([
      ...[
        ['snapshots', 'indexer'],
        ['roleMap', 'public'],
      ],
      ...[
        ['snapshots', 'indexer'],
        ['roleMap', 'ann'],
      ],
      ['snapshots', 'indexer'],
    ]);
    expect(JSON.stringify(scene.standIn.log)).not.to.match(/ya29|token=/);
  });

  it('falls back to what is public for accounts only that SAM does not know', async () => {
    expect(await seen(person('eve'))).to.deep.equal([idOf(1)]);
    expect(await seen(person('wrong'))).to.match(/^unauthorized/);
    scene.standIn.faults.set(roleMap, { status: 403 }, 1);
    expect(await seen(person('ann'))).to.match(/^unauthorized/);
    scene.standIn.faults.set(/^\/sam\//, { status: 503 });
    expect(await seen(person('eve'))).to.match(/^unavailable: SAM answers 503/);
    expect(await seen({ subject: 'of elsewhere' })).to.match(/^unauthorized/);
  });

  it('is refused rather than guessed where the repository does not tell', async () => {
    const faults = {
      '429 too often': [{ status: 429, retryAfter: '7' }, /^too_many_requests/],
      '500 broken': [{ status: 500 }, /^unavailable/],
      '404 another server': [{ status: 404 }, /^repository_inconsistent/],
      '302 a sign-in page': [{ status: 302 }, /^repository_inconsistent/],
      '200 a page': [{ status: 200, body: { hello: 'world' } }, /^repository_inconsistent/],
      hang: ['hang', /^unavailable: .* none came within/],
      truncated: ['truncated', /^unavailable/],
    } as const;
    for (const [what, [fault, expected]] of Object.entries(faults)) {
      scene.standIn.faults.set(roleMap, fault);
      expect(await seen(person('ann')), what).to.match(expected);
      scene.standIn.faults.clear();
    }
    // The public account is the operators' affair, not the caller's.
    scene.standIn.faults.set(roleMap, { status: 401 });
    expect(await seen(anonymous)).to.match(/^unavailable/);
  });

  it('holds for files, which are had by signed URLs alone', async () => {
    const file = (drsUri: string | null) => ({ uuid: 'u', version: 'v', name: 'n', size: 1, drsUri });
    const locate = (identity: Identity, drsUri: string | null) =>
      toldBy(open().locateFile(file(drsUri), identity, patient));
    const uri = scene.standIn.drsUri(idOf(2), idOf(9));
    const found = (await locate(person('ann'), uri)) as { readonly kind: string; readonly url: string };
    expect(found.kind).to.equal('url');
    expect(await (await fetch(found.url)).text()).to.equal(`content of ${idOf(9)}`);
    expect(await locate(anonymous, uri)).to.match(/^forbidden/);
    expect(await locate(person('eve'), uri)).to.match(/^forbidden/);
    expect(await locate(anonymous, scene.standIn.drsUri(idOf(1), idOf(9)))).to.have.property('kind', 'url');
    expect(await locate(person('ann'), scene.standIn.drsUri('0a1c0000-0000-4000-8000-000000000000', idOf(9)))).to.equal(
      null,
    );
    expect(await locate(person('ann'), null)).to.equal(null);
    expect(await locate(person('ann'), 'drs://other.example/it')).to.deep.equal({
      kind: 'drs',
      uri: 'drs://other.example/it',
    });
    scene.standIn.faults.set(/access/, { status: 200, body: { url: `${scene.standIn.storage.url}/unsigned` } }, 1);
    expect(await locate(person('ann'), uri)).to.equal(null);
    scene.standIn.faults.set(/objects/, { status: 429 });
    expect(await locate(person('ann'), uri)).to.match(/^too_many_requests/);
  });
});
