import { expect } from 'chai';
import { LazuliError } from '../../../core/config/errors.ts';
import { deadLetter, type NewDeadLetter } from '../../../core/storage/dead-letter.ts';
import { pagesOf, StoredDeadLetters } from '../../../core/storage/dead-letters.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { temporaryFolder } from '../../rigs/streams/recording.ts';

const letter = (identity: string, over: Partial<NewDeadLetter> = {}): NewDeadLetter => ({
  ...deadLetter(
    new LazuliError('bundle_invalid', `${identity} is bad`, { place: { field: 'links' }, remedy: 'Mend it.' }),
    {
      catalog: 'hca',
      stage: 'ingest',
      kind: 'notification',
      identity,
      payload: { identity },
      place: { bundle: identity, catalog: 'hca' },
    },
  ),
  ...over,
});

describe('Dead letters', () => {
  it('keep all that is needed to mend and redrive the work', async () => {
    await using folder = await temporaryFolder();
    const letters = new StoredDeadLetters(new FolderStore(folder.path), () => Date.UTC(2025, 0, 1));
    const key = await letters.put(letter('b1'));
    const { stack, ...found } = (await letters.get(key)) ?? expect.fail('it is gone');
    expect(key).to.match(/^hca\/notification\/[0-9a-f]{32}$/);
    expect(found).to.deep.equal({
      key,
      catalog: 'hca',
      stage: 'ingest',
      kind: 'notification',
      reason: 'bundle_invalid',
      message: 'b1 is bad',
      remedy: 'Mend it.',
      place: { bundle: 'b1', field: 'links' },
      attempts: 1,
      first: '2025-01-01T00:00:00.000Z',
      last: '2025-01-01T00:00:00.000Z',
      payload: { identity: 'b1' },
    });
    expect(stack).to.match(/^LazuliError: b1 is bad\n {4}at /);
    await letters.delete(key);
    expect(await letters.get(key)).to.equal(null);
  });

  it('still say what was lost where the work fails again in another way', async () => {
    await using folder = await temporaryFolder();
    const letters = new StoredDeadLetters(new FolderStore(folder.path));
    const lost = { source: 's', uuid: 'b1', version: '1' };
    await letters.put(letter('b1', { lost }));
    const key = await letters.put(letter('b1', { reason: 'bundle_missing' }));
    expect(await letters.get(key)).to.deep.include({ lost, reason: 'bundle_missing', attempts: 2 });
  });

  it('count a repetition, at whatever time, and add none for it', async () => {
    await using folder = await temporaryFolder();
    let now = Date.UTC(2025, 0, 1);
    const letters = new StoredDeadLetters(new FolderStore(folder.path), () => now++);
    const keys = await Promise.all(Array.from({ length: 10 }, () => letters.put(letter('b1'))));
    await new StoredDeadLetters(new FolderStore(folder.path), () => now++).put(letter('b1', { message: 'still bad' }));
    expect(new Set(keys).size).to.equal(1);
    const page = await letters.list();
    expect(page.letters).to.have.length(1);
    expect(page.letters[0]).to.include({
      attempts: 11,
      message: 'still bad',
      first: '2025-01-01T00:00:00.000Z',
      last: '2025-01-01T00:00:00.010Z',
    });
  });

  it('are told apart by catalog, stage, kind and identity', async () => {
    await using folder = await temporaryFolder();
    const letters = new StoredDeadLetters(new FolderStore(folder.path));
    const all = [letter('a'), letter('b'), letter('a', { catalog: null }), letter('a', { stage: 'transform' })];
    const keys = await Promise.all([...all, letter('a', { kind: 'batch' })].map((one) => letters.put(one)));
    expect(new Set(keys).size).to.equal(5);
  });

  it('are listed by catalog, kind and reason, a page at a time', async () => {
    await using folder = await temporaryFolder();
    const letters = new StoredDeadLetters(new FolderStore(folder.path));
    for (let i = 0; i < 7; i++) await letters.put(letter(`b${i}`));
    await letters.put(letter('x', { catalog: 'anvil' }));
    await letters.put(letter('x', { kind: 'document', reason: 'document_too_large' }));
    const count = async (filter: Parameters<typeof letters.list>[0]) => (await letters.list(filter)).letters.length;
    expect(await count({})).to.equal(9);
    expect(await count({ catalog: 'hca' })).to.equal(8);
    expect(await count({ catalog: 'anvil' })).to.equal(1);
    expect(await count({ catalog: 'hc' })).to.equal(0);
    expect(await count({ kind: 'document' })).to.equal(1);
    expect(await count({ catalog: 'hca', kind: 'notification' })).to.equal(7);
    expect(await count({ reason: 'document_too_large' })).to.equal(1);
    const keys = [];
    let pages = 0;
    for await (const page of pagesOf(letters, { limit: 2 })) {
      expect(++pages).to.be.below(7);
      keys.push(...page.letters.map(({ key }) => key));
    }
    expect(keys).to.deep.equal((await letters.list()).letters.map(({ key }) => key));
  });

  it('that are damaged are named, and hinder no others', async () => {
    await using folder = await temporaryFolder();
    const store = new FolderStore(folder.path);
    const letters = new StoredDeadLetters(store);
    const good = await letters.put(letter('good'));
    const bad = await letters.put(letter('bad'));
    await store.put(`${bad}.json`, Buffer.from('{'));
    const page = await letters.list();
    expect({ ...page, letters: page.letters.map(({ key }) => key) }).to.deep.equal({
      letters: [good],
      damaged: [bad],
      next: null,
    });
    expect(await letters.list({ kind: 'document' })).to.deep.equal({ letters: [], damaged: [], next: null });
    expect(await letters.get(bad).catch((caught) => caught)).to.include({ code: 'record_malformed' });
    await letters.put(letter('bad'));
    expect((await letters.get(bad))?.attempts).to.equal(1);
  });

  it('refuse keys that are none', async () => {
    await using folder = await temporaryFolder();
    const letters = new StoredDeadLetters(new FolderStore(folder.path));
    const error = await letters.get('../../etc/passwd').catch((caught) => caught);
    expect(error).to.include({ code: 'configuration_invalid' });
  });

  it('tell of errors that nobody foresaw, with their causes, in bounded length', () => {
    const about = { catalog: 'hca', stage: 'transform', kind: 'batch', identity: 'i', payload: null } as const;
    const unforeseen = deadLetter(new TypeError('x'.repeat(100_000), { cause: new RangeError('the cause') }), about);
    expect(unforeseen.reason).to.equal('unexpected');
    expect(unforeseen.message.length).to.be.below(17_000);
    expect(deadLetter(new Error('a', { cause: new RangeError('the cause') }), about).stack).to.match(
      /\nCaused by: RangeError: the cause/,
    );
    expect(deadLetter('thrown text', about)).to.include({ message: 'thrown text', stack: '' });
  });
});
