import { expect } from 'chai';
import { noLogger } from '../../../core/runtime/logger.ts';
import { deadLetter, type NewDeadLetter } from '../../../core/storage/dead-letter.ts';
import { StoredDeadLetters } from '../../../core/storage/dead-letters.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { LetterCounts, lettersOfIngest, lettersOfTransform } from '../../../core/storage/letter-counts.ts';
import { temporaryFolder } from '../../rigs/streams/recording.ts';
import { until } from '../../rigs/until.ts';

type Place = Pick<NewDeadLetter, 'catalog' | 'stage' | 'kind'>;

const notification = (catalog: string | null): Place => ({ catalog, stage: 'ingest', kind: 'notification' });
const batch = (catalog: string | null): Place => ({ catalog, stage: 'transform', kind: 'batch' });
const document = (catalog: string): Place => ({ catalog, stage: 'transform', kind: 'document' });

describe('Dead letters are counted', () => {
  it('by stage and catalog: those of ingest, of transform, and of no catalog', async () => {
    await using folder = await temporaryFolder();
    const letters = new StoredDeadLetters(new FolderStore(folder.path));
    const places = [
      ...[notification('a'), notification('a'), notification(null), notification('gone')],
      ...[batch('a'), document('a'), document('a'), batch(null), document('gone'), document('ab')],
    ];
    for (const [i, place] of places.entries())
      await letters.put(deadLetter(new Error('no'), { ...place, identity: String(i), payload: null }));
    expect(await lettersOfIngest(letters, ['a', 'b'])()).to.deep.equal([
      { stage: 'ingest', catalog: 'a', count: 2 },
      { stage: 'ingest', catalog: 'b', count: 0 },
      { stage: 'ingest', catalog: null, count: 2 },
      { stage: 'transform', catalog: null, count: 3 },
    ]);
    expect(await lettersOfTransform(letters, 'a')()).to.deep.equal([{ stage: 'transform', catalog: 'a', count: 3 }]);
    expect(await lettersOfTransform(letters, 'b')()).to.deep.equal([{ stage: 'transform', catalog: 'b', count: 0 }]);
  });

  it('every ten seconds, or less often where that takes long, and are unknown where they can not be', async () => {
    let now = 0;
    let [asked, takes, isBroken] = [0, 0, false];
    const count = async () => {
      asked++;
      now += takes;
      if (isBroken) throw new Error('no such folder');
      return [{ stage: 'ingest', catalog: 'a', count: asked }];
    };
    const counts = new LetterCounts({ count, clock: { now: () => now }, logger: noLogger });
    const latest = () => counts.latest()?.[0]?.count;
    expect(latest()).to.equal(undefined);
    await until(() => latest() === 1);
    now += 9_999;
    expect([latest(), asked]).to.deep.equal([1, 1]);
    takes = 200;
    now += 1;
    await until(() => latest() === 2);
    now += 19_999;
    expect([latest(), asked]).to.deep.equal([2, 2]);
    isBroken = true;
    now += 1;
    await until(() => latest() === undefined);
    isBroken = false;
    now += 20_000;
    await until(() => latest() === 4);
  });
});
