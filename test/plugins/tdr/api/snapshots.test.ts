import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ServiceAccount } from '../../../../plugins/repository/tdr/api/service-account.ts';
import { patient } from '../../../signals.ts';
import { idOf, project, type Scene, setScene, specOf, toldBy } from './scene.ts';

const list = /\/snapshots$/;

describe('Snapshots of the Terra Data Repository by its API', () => {
  let scene: Scene;
  before(async () => {
    scene = await setScene();
  });
  after(() => scene.close());
  afterEach(() => {
    scene.standIn.faults.clear();
    scene.waits.length = 0;
  });
  const listed = (...names: readonly string[]) => toldBy(scene.open(names).listSources(patient));

  it('are found by their whole names, and in no other project or place', async () => {
    expect(await listed('ANVIL_one')).to.deep.equal([{ id: idOf(1), spec: specOf('ANVIL_one') }]);
    expect(await listed('ANVIL_one_more', 'ANVIL_one')).to.deep.equal([
      { id: idOf(2), spec: specOf('ANVIL_one_more') },
      { id: idOf(1), spec: specOf('ANVIL_one') },
    ]);
    const said = {
      ANVIL_on: /there is no such snapshot, or the indexer account may not see it/,
      ANVIL_secret: /there is no such snapshot, or/,
      ANVIL_abroad: /its tables are in US, and us-central1 is configured/,
      ANVIL_elsewhere: /is in project datarepo-ffffffff/,
      ANVIL_twice: /2 snapshots have that name/,
    };
    for (const [name, expected] of Object.entries(said)) {
      expect(await listed('ANVIL_one', name), name)
        .to.match(/^repository_unavailable: Source tdr:/)
        .and.match(expected);
      const problem = toldBy(
        scene.open([name]).fetchBundle({ source: { id: 'x', spec: 'x:' }, uuid: 'u', version: 'v' }, 1, patient),
      );
      expect(await problem, name).to.match(expected);
    }
    const [found] = scene.standIn.log.filter(({ path }) => list.test(path)).map(({ url }) => url);
    expect(found).to.match(/offset=0&limit=1000&sort=created_date&direction=asc&filter=ANVIL_one$/);
    expect(await toldBy(scene.open(['ANVIL_one'], { location: 'US' }).listSources(patient))).to.match(
      /US is configured/,
    );
    expect(project).to.match(/^datarepo-/);
  });

  it('are listed again where pages do not fit together, and never in part', async () => {
    scene.standIn.faults.set(list, 'loses', 1);
    expect(await listed('ANVIL_one', 'ANVIL_one_more')).to.have.length(2);
    for (const fault of ['loses', 'repeats'] as const) {
      scene.standIn.faults.clear();
      scene.standIn.faults.set(list, fault);
      const answer = await listed('ANVIL_one', 'ANVIL_one_more');
      if (fault === 'loses') expect(answer).to.match(/^repository_unavailable: Snapshots change while they are listed/);
      else expect(answer).to.have.length(2);
    }
  });

  it('are asked for again when that may help, as late as the repository wants', async () => {
    scene.standIn.faults.set(list, { status: 429, retryAfter: '30' }, 1);
    scene.standIn.faults.set(list, { status: 503 }, 1);
    expect(await listed('ANVIL_one')).to.have.length(1);
    const [first = 0, second = 0] = scene.waits;
    expect(first).to.equal(30_000);
    expect(second).to.be.within(2_000, 10_000);
    for (const fault of ['hang', 'truncated'] as const) {
      scene.standIn.faults.set(list, fault, 2);
      expect(await listed('ANVIL_one'), fault).to.have.length(1);
    }
    scene.standIn.faults.set(list, { status: 429, retryAfter: '86400' });
    scene.waits.length = 0;
    expect(await listed('ANVIL_one')).to.match(/^repository_unavailable: The Terra Data Repository answers 429/);
    expect(scene.waits).to.deep.equal([]);
    scene.standIn.faults.clear();
    scene.standIn.faults.set(list, { status: 403, body: { message: 'no such role' } });
    expect(await listed('ANVIL_one')).to.match(/answers 403: no such role/);
    scene.standIn.faults.clear();
    scene.standIn.faults.set(/oauth2/, { status: 400, body: { error: 'invalid_grant', error_description: 'secret' } });
    expect(await listed('ANVIL_one')).to.equal(
      "repository_unavailable: The indexer account can't be used: Google gives no token: invalid_grant",
    );
  });

  it('take the text of a key from a variable, where containers have it there', async () => {
    const tokens = scene.standIn.tokens;
    const text = readFileSync(join(scene.folder, 'indexer.json'), 'utf8');
    const environment = { LAZULI_TDR_INDEXER_KEY: text };
    const account = new ServiceAccount({ name: 'indexer', keyFile: '/none.json', tokens, environment });
    expect(await account.authorization(patient)).to.match(/^Bearer ya29/);
    const none = new ServiceAccount({ name: 'indexer', keyFile: '/none.json', tokens, environment: {} });
    expect(await toldBy(none.authorization(patient))).to.match(/^repository_unavailable: .* key can't be read: ENOENT/);
  });
});
