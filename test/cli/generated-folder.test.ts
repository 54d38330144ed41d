import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { writeBundles } from '../../cli/generated-folder.ts';
import { canned } from '../../plugins/repository/canned/plugin.ts';
import { generateBundles } from '../rigs/models/generated.ts';
import { patient } from '../signals.ts';

describe('A generated folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lazuli-generated-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  for (const sources of [1, 3]) {
    it(`is read by the canned repository, from ${sources} source(s)`, async () => {
      const options = { seed: 3, bundles: 40, size: 'small', versions: 0.5, sources } as const;
      const written = await writeBundles(folder, options);
      const generated = [...generateBundles(options)];
      const repository = await canned.open({ folder }, []);
      for (const { fqid, text } of generated) {
        const { bytes, attributes } = await repository.fetchBundle(fqid, 2 ** 24, patient);
        expect(Buffer.from(bytes).toString()).to.equal(text);
        expect(attributes).to.deep.equal({ drs_domain: 'data.example' });
      }
      const listed = await repository.listSources(patient);
      expect(listed).to.have.lengthOf(sources);
      expect(written.bundles).to.equal(generated.length);
      expect((await readdir(folder)).length).to.equal(generated.length + 1);
    });
  }

  it('names what is to be deleted', async () => {
    const options = { seed: 4, bundles: 60, size: 'small', deletions: 0.5 } as const;
    const progress: number[] = [];
    const written = await writeBundles(folder, options, ({ bundles }) => progress.push(bundles));
    const { deletions } = JSON.parse(await readFile(join(folder, 'bundles.json'), 'utf8')) as { deletions: unknown[] };
    const expected = [...generateBundles(options)].filter(({ deleted }) => deleted);
    expect(deletions).to.deep.equal(expected.map(({ fqid: { uuid, version } }) => ({ uuid, version })));
    expect(written.deletions).to.equal(expected.length);
    expect(progress.at(-1)).to.equal(written.bundles);
  });
});
