import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { LazuliError } from '../../../core/config/errors.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { bagOf } from './bag-reference.ts';
import { type Indexed, openRig } from './rig.ts';
import { parseTable } from './table-reference.ts';
import { anyThings, thing, things } from './things.ts';

/** The files of a bag as text. */
async function bag(documents: readonly Indexed[]): Promise<Record<string, string>> {
  await using rig = await openRig(things, 'files', documents);
  const { file, rows } = await rig.write('terra.bdbag', await rig.select('true'));
  const files = Object.entries(unzipSync(readFileSync(file))).map(([name, bytes]) => [
    name,
    Buffer.from(bytes).toString(),
  ]);
  const read: Record<string, string> = Object.fromEntries(files);
  expect(rows).to.equal(parseTable(read['manifest/data/participants.tsv'] ?? '').length - 1);
  return read;
}
const tableIn = async (documents: readonly Indexed[]) =>
  parseTable((await bag(documents))['manifest/data/participants.tsv'] ?? '');

const fileIn = (id: string, bundles: readonly string[], more = {}): Indexed =>
  thing(
    { document_id: id, ...more },
    { bundles: bundles.map((one) => ({ uuid: one.slice(0, 1), version: one.slice(1) })) },
  );

describe('A selection as a bag', function () {
  this.timeout(60_000);

  it('has the table that a plain reference makes', async () => {
    const plain = anyThings(6).filter((documents) => !JSON.stringify(documents).includes('||'));
    const check = fc.asyncProperty(plain, async (documents) => {
      expect(await tableIn(documents)).to.deep.equal(bagOf(documents));
    });
    await fc.assert(check, { numRuns: numRuns(300), seed: seed() });
  });

  it('leaves out bundles all of whose files another one has, and of equals all but the newest', async () => {
    const documents = [
      fileIn('1', ['a1', 'b1', 'c1', 'd2', 'e2']),
      fileIn('2', ['a1', 'b1', 'd2', 'e2']),
      fileIn('3', ['a1', 'f9']),
      fileIn('4', ['g1', 'h2', 'i2']),
    ];
    const rows = await tableIn(documents);
    expect(rows.slice(1).map(([id]) => id)).to.deep.equal(['a.1', 'f.9', 'h.2'].filter((id) => id !== 'f.9'));
  });

  it('has the files of a BagIt bag, with the moment of the snapshot', async () => {
    const files = await bag([]);
    expect(Object.keys(files).sort()).to.deep.equal(
      [
        'bag-info.txt',
        'bagit.txt',
        'data/participants.tsv',
        'manifest-md5.txt',
        'manifest-sha256.txt',
        'tagmanifest-md5.txt',
        'tagmanifest-sha256.txt',
      ].map((name) => `manifest/${name}`),
    );
    expect(files['manifest/bag-info.txt']).to.contain('Bagging-Date: 2026-11-30\nBagging-Time: 11:57:45 UTC\n');
    expect(parseTable(files['manifest/data/participants.tsv'] ?? '')).to.have.length(1);
  });

  it('refuses a table of more than 10,000 columns, with a remedy', async () => {
    const documents = Array.from({ length: 1001 }, (_, i) => fileIn(`${i}`, ['a1']));
    const error = await bag(documents).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(LazuliError);
    expect(error).to.include({
      code: 'export_too_large',
      remedy: 'Select files of bundles that are smaller, or of fewer formats, or export to another format.',
    });
    expect((error as LazuliError).message).to.contain('10020 columns');
  });
});
