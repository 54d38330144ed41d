import { expect } from 'chai';
import { FolderStore } from '../../core/storage/folder.ts';
import { GenerationNumbers } from '../../transform/generations/numbers.ts';
import { temporaryFolder } from '../rigs/streams/recording.ts';

describe('Numbers of generations', () => {
  const found = (...numbers: readonly number[]) =>
    numbers.map((number) => ({ number, serves: false, indices: [] as string[] }));

  it('are given once, above those that are there, and tell which worker they were given to', async () => {
    await using folder = await temporaryFolder();
    const records = new FolderStore(folder.path);
    await records.prepare();
    const older = new GenerationNumbers(records, 'plants', 7);
    const later = new GenerationNumbers(records, 'plants', 8);
    expect(await older.take([])).to.equal(1);
    expect(await Promise.all([older.take(found(1)), later.take(found(1))])).to.have.members([2, 3]);
    expect(await later.take(found(1, 9, 4))).to.equal(10);
    expect(await older.take(found(1))).to.equal(11);
    const laterOnes = [false, false, true, false];
    expect(await Promise.all([1, 5, 10, 11].map((number) => older.isLater(number)))).to.deep.equal(laterOnes);
    expect(await Promise.all([10, 11].map((number) => later.isLater(number)))).to.deep.equal([false, false]);
    expect(await new GenerationNumbers(records, 'animals', 1).take([])).to.equal(1);
  });
});
