import { expect } from 'chai';
import type { SourceRef } from '../../../../core/config/sources.ts';
import { repositoryFindings } from '../../../../plugins/battery/repository.ts';
import type { TdrRepository } from '../../../../plugins/repository/tdr/repository.ts';
import { patient } from '../../../signals.ts';
import { expectNone } from '../../battery/findings.ts';
import { idOf, type Scene, setScene, specOf, toldBy } from './scene.ts';

const one: SourceRef = { id: idOf(1), spec: specOf('ANVIL_one') };

async function bundlesOf(repository: TdrRepository, source = one): Promise<readonly string[]> {
  const uuids: string[] = [];
  for await (const { uuid } of repository.listBundles(source, '', patient)) uuids.push(uuid);
  return uuids;
}

describe('Tables of snapshots that the Terra Data Repository exports', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await setScene();
  });
  afterEach(() => scene.close());
  const exportsOf = () => scene.standIn.log.filter(({ path }) => path.endsWith('/export')).length;
  const objects = () => scene.standIn.log.filter(({ path }) => path.endsWith('.parquet'));

  it('make a repository that does what each must do, by the indexer account alone', async () => {
    scene.standIn.jobs.polls = 3;
    await expectNone(repositoryFindings(scene.open(['ANVIL_one', 'ANVIL_one_more']), patient));
    expect(exportsOf()).to.equal(2);
    const asked = scene.standIn.log.filter(({ path }) => /\/(export|jobs)\b/.test(path));
    expect(new Set(asked.map(({ account }) => account?.split('@')[0]))).to.deep.equal(new Set(['indexer']));
    expect(new Set(objects().map(({ account }) => account))).to.deep.equal(new Set([null]));
    expect(scene.waits.slice(0, 3)).to.deep.equal([1000, 1500, 2250]);
    // Another process finds them.
    expect(await bundlesOf(scene.open(['ANVIL_one']))).to.have.length(4);
    expect(exportsOf()).to.equal(2);
  });

  it('are exported again when they are gone before they are here; what is here already stays', async () => {
    const { faults } = scene.standIn;
    faults.set(/anvil_file.*parquet$/, { status: 400 }, 1);
    faults.set(/anvil_donor.*parquet$/, 'truncated', 1);
    expect(await bundlesOf(scene.open(['ANVIL_one']))).to.have.length(4);
    expect(exportsOf()).to.equal(2);
    const times = (table: string) => objects().filter(({ path }) => path.includes(`/${table}-`)).length;
    expect(['anvil_biosample', 'anvil_donor', 'anvil_file'].map(times)).to.deep.equal([1, 2, 2]);
    faults.set(/parquet$/, { status: 404 });
    const source = { id: idOf(2), spec: specOf('ANVIL_one_more') };
    const said = await toldBy(bundlesOf(scene.open(['ANVIL_one_more']), source));
    expect(said).to.match(/^repository_unavailable: Snapshot ANVIL_one_more .* gone before they are here: .* 404/);
    expect(exportsOf()).to.equal(5);
  });

  it('are not had where the job fails, the account may not, or files are elsewhere', async () => {
    scene.standIn.jobs.failure = 'Primary keys are not unique';
    expect(await toldBy(bundlesOf(scene.open(['ANVIL_one'])))).to.match(/^repository_unavailable: .*Primary keys/);
    scene.standIn.jobs.failure = null;
    const listed = { id: idOf(8), spec: specOf('ANVIL_listed') };
    expect(await toldBy(bundlesOf(scene.open(['ANVIL_listed']), listed))).to.match(/403: .* export_snapshot/);
    scene.standIn.storage.url = 'http://storage.invalid';
    expect(await toldBy(bundlesOf(scene.open(['ANVIL_one'])))).to.match(
      /they are at http:\/\/storage.invalid, and not at/,
    );
    expect(objects()).to.deep.equal([]);
    scene.standIn.snapshots.delete(idOf(1));
    const repository = scene.open(['ANVIL_one', 'ANVIL_one_more']);
    expect(await toldBy(repository.listSources(patient))).to.match(/there is no such snapshot/);
    expect([...(await repository.accessibleSources({ subject: null }, patient))]).to.deep.equal([]);
  });
});
