import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../cli/program.ts';
import { idOf, type Scene, setScene, specOf } from '../plugins/tdr/api/scene.ts';
import { settingsIn } from '../rigs/cli/lazuli.ts';
import { printed } from '../rigs/cli/printed.ts';

describe('lazuli tdr', () => {
  let scene: Scene;
  before(async () => {
    scene = await setScene();
  });
  after(() => scene.close());

  let more: object = {};
  async function run(command: string, sources: readonly string[], ...args: readonly string[]) {
    const { catalogs, ...settings } = settingsIn(scene.folder);
    const plugins = { metadata: { name: 'anvil' }, repository: { name: 'tdr', ...scene.options(more) } };
    const catalog = { ...catalogs.hca, plugins, sources };
    const data = join(scene.folder, 'data');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'lazuli.json'), JSON.stringify({ ...settings, catalogs: { hca: catalog } }));
    const { lines, output } = printed();
    const code = await main(['tdr', command, '--data', data, ...args], output);
    return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
  }

  it('check finds what can be used, and says of each thing what is wrong', async () => {
    const fine = await run('check', [specOf('ANVIL_one').replace('/1', '/0')]);
    expect(fine.out)
      .to.match(/indexer@.* fine/)
      .and.match(/public@.* fine/)
      .and.match(/ANVIL_one:\/0 +3 +yes +fine/);
    expect(fine.code).to.equal(0);
    const names = ['ANVIL_one', 'ANVIL_one_more', 'ANVIL_abroad', 'ANVIL_listed', 'ANVIL_secret'];
    const wrong = await run('check', names.map(specOf), '--json');
    expect(wrong.code).to.equal(1);
    const [{ sources }] = JSON.parse(wrong.out);
    expect(sources[0]).to.deep.equal({
      ...{ spec: specOf('ANVIL_one'), snapshot: idOf(1), bundles: 3, isPublic: true },
      problems: ['its prefix makes 16 parts of 3 bundles: take a shorter one'],
    });
    expect(sources.slice(2).map(({ problems }: { readonly problems: readonly string[] }) => problems[0])).to.deep.equal(
      [
        `Source ${specOf('ANVIL_abroad')} can't be used: its tables are in US, and us-central1 is configured`,
        'its tables are those of no data model that is known',
        `Source ${specOf('ANVIL_secret')} can't be used: there is no such snapshot, or the indexer account may not see it`,
      ],
    );
  });

  it('check tries whether tables can be read by BigQuery, where that is the way', async () => {
    more = { tables: 'bigquery', bigquery: { project: 'lazuli-test', endpoint: scene.standIn.url } };
    const { code, out } = await run('check', [specOf('ANVIL_one').replace('/1', '/0')]);
    more = {};
    expect(code).to.equal(1);
    expect(out).to.match(/Snapshot ANVIL_one .* names of its tables/);
  });

  it('check notices public snapshots that the indexer account does not read, and keys that are no good', async () => {
    const secret = scene.standIn.snapshots.get(idOf(7));
    if (secret !== undefined) scene.standIn.snapshots.set(idOf(7), { ...secret, groups: ['everybody'] });
    const { code, out } = await run('check', [specOf('ANVIL_one').replace('/1', '/0')]);
    expect(code).to.equal(1);
    expect(out).to.match(new RegExp(`public@.*reads what the indexer account doesn't: ${idOf(7)}`));
    writeFileSync(join(scene.folder, 'public.json'), '{}');
    expect((await run('check', [])).out).to.match(/public .*its file holds no key of a service account/);
    scene.standIn.accounts.writeKey(join(scene.folder, 'public.json'), 'public@lazuli-test.iam.gserviceaccount.com');
  });

  it('register makes accounts known, also again, and explains one whose name was used before', async () => {
    const [, everybody] = scene.accounts;
    if (everybody !== undefined) everybody.registered = false;
    expect((await run('check', [])).out).to.match(/public@.*SAM does not know it: run `lazuli tdr register`/);
    const { code, out } = await run('register', []);
    expect(out)
      .to.match(/indexer@.* was registered already/)
      .and.match(/public@.* registered$/m);
    expect([code, everybody?.registered]).to.deep.equal([0, true]);
    const body = { message: 'Cannot update googleSubjectId for user' };
    scene.standIn.faults.set(/register/, { status: 500, body }, 3);
    const other = await run('register', []);
    expect([other.code, other.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 1 && /another name/.test(err),
    );
  });
});
