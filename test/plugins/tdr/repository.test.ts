import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { LazuliError } from '../../../core/config/errors.ts';
import { repositoryFindings } from '../../../plugins/battery/repository.ts';
import { tdr } from '../../../plugins/repository/tdr/plugin.ts';
import { writeExport } from '../../rigs/tdr/exports.ts';
import { oneDonor } from '../../rigs/tdr/one-donor.ts';
import { patient } from '../../signals.ts';
import { expectNone } from '../battery/findings.ts';

const project = 'datarepo-1a2b3c4d';
const ids = ['1', '2', '3'].map((n) => `${n}a1c0000-0000-4000-8000-000000000000`);
const specOf = (name: string, prefix = '/1'): string => `tdr:bigquery:gcp:${project}:${name}:${prefix}`;

describe('Snapshots of the Terra Data Repository in a folder', () => {
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-tdr-'));
    for (const [i, name] of ['ANVIL_one', 'ANVIL_one_more', 'ANVIL_three'].entries())
      await writeExport(folder, { id: ids[i] ?? '', name, project, tables: oneDonor(3 + i) });
  });
  after(() => rmSync(folder, { recursive: true }));

  const open = (sources: readonly string[], options: object = {}) =>
    tdr.open({ exports: folder, scratch: folder, ...options }, sources);
  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'no error',
      ({ code, message }: LazuliError) => `${code}: ${message}`,
    );

  it('do what every repository must do', async () => {
    const readers = { ANVIL_one: 'everybody' };
    await expectNone(
      repositoryFindings(await open([specOf('ANVIL_one'), specOf('ANVIL_one_more')], { readers }), patient),
    );
  });

  it('are read in turns, however many they are', async () => {
    const repository = await open(['ANVIL_one', 'ANVIL_one_more', 'ANVIL_three'].map((name) => specOf(name)));
    const sources = await repository.listSources(patient);
    expect(sources.map(({ id }) => id)).to.deep.equal(ids);
    const all = await Promise.all(
      [...sources, ...sources].map(async (source) => {
        const fetched: string[] = [];
        for await (const fqid of repository.listBundles(source, '', patient))
          fetched.push(Buffer.from((await repository.fetchBundle(fqid, 2 ** 20, patient)).bytes).toString());
        return fetched;
      }),
    );
    expect(all.map((bundles) => bundles.length)).to.deep.equal([4, 5, 6, 4, 5, 6]);
    expect(all.slice(3)).to.deep.equal(all.slice(0, 3));
  });

  it('tell which table is being read', async () => {
    const repository = await open([specOf('ANVIL_one')]);
    const [source = { id: '', spec: '' }] = await repository.listSources(patient);
    let fetched = false;
    const missing = { source, uuid: ids[0] ?? '', version: '1' };
    const fetching = codeOf(repository.fetchBundle(missing, 2 ** 20, patient)).finally(() => {
      fetched = true;
    });
    const seen = new Set<string>();
    while (!fetched) {
      for (const { table, rows } of repository.reading?.() ?? []) seen.add(`${table} ${rows}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await fetching).to.match(/^bundle_missing/);
    expect([...seen]).to.include.members(['null null', 'anvil_biosample 3', 'anvil_file 1']);
    expect(repository.reading?.()).to.deep.equal([]);
  });

  it('are seen by nobody but those who are named', async () => {
    const readers = { ANVIL_one: 'everybody', ANVIL_one_more: ['ann'] };
    const repository = await open(
      ['ANVIL_one', 'ANVIL_one_more', 'ANVIL_three'].map((name) => specOf(name)),
      { readers },
    );
    const seen = async (subject: string | null) => [...(await repository.accessibleSources({ subject }, patient))];
    expect(await seen(null)).to.deep.equal([ids[0]]);
    expect(await seen('ann')).to.deep.equal([ids[0], ids[1]]);
    expect(await seen('__proto__')).to.deep.equal([ids[0]]);
  });

  it('that are not there, or are damaged, are named with what helps', async () => {
    const list = async (spec: string) => codeOf((await open([spec])).listSources(patient));
    expect(await list(specOf('ANVIL_none'))).to.match(/^repository_unavailable: Source .*ANVIL_none.* has no export/);
    expect(await list(specOf('ANVIL_one').replace(project, 'other'))).to.match(/is in project datarepo-1a2b3c4d/);
    expect(await codeOf(open(['tdr:parquet:gcp:p:n:']))).to.match(/^configuration_invalid: Source 'tdr:parquet/);
    const repository = await open([specOf('ANVIL_three')]);
    const [source] = await repository.listSources(patient);
    const file = join(folder, 'ANVIL_three', 'anvil_donor', 'anvil_donor-000000000000.parquet');
    renameSync(file, `${file}.kept`);
    expect(await codeOf(repository.listSources(patient))).to.match(/names .*anvil_donor.*, which is not there/);
    writeFileSync(file, 'no Parquet');
    const listed = repository
      .listBundles(source ?? { id: '', spec: '' }, '', patient)
      [Symbol.asyncIterator]()
      .next();
    expect(await codeOf(listed)).to.match(/^repository_unavailable: Snapshot ANVIL_three .*anvil_donor/s);
    renameSync(`${file}.kept`, file);
    const again = repository
      .listBundles(source ?? { id: '', spec: '' }, '', patient)
      [Symbol.asyncIterator]()
      .next();
    expect((await again).done).to.equal(false);
  });
});
