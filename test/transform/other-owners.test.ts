import { expect } from 'chai';
import { noFaults } from '../../core/runtime/ports.ts';
import type { NewDeadLetter } from '../../core/storage/dead-letter.ts';
import { PointerProcessor } from '../../transform/loading/processor.ts';

describe('A worker that owns one catalog of several', () => {
  it('passes over pointers of the others, and gives up those of catalogs that nobody knows', async () => {
    const loaded: string[] = [];
    const letters: NewDeadLetter[] = [];
    const checkpoints: (string | undefined)[] = [];
    const owner = {
      load: async (batches: readonly string[]) => {
        loaded.push(...batches);
        return 1;
      },
      isWritten: () => true,
    };
    const deadLetters = {
      put: async (letter: NewDeadLetter) => {
        letters.push(letter);
        return 'key';
      },
      list: async () => ({ letters: [], damaged: [], next: null }),
      async *keys() {},
      get: async () => null,
      delete: async () => {},
    };
    const known = ['mine', 'other'];
    const processor = new PointerProcessor({ catalog: 'mine', owner, known, deadLetters, fault: noFaults });
    const batch = (n: number) => `00000000${n}-0123456789abcdef`;
    const records = ['other', 'mine', 'nobody', 'other'].map((catalog, at) => ({
      sequenceNumber: String(at + 1),
      partitionKey: catalog,
      data: Buffer.from(JSON.stringify({ catalog, batch: batch(at), bundles: [] })),
      arrived: 0,
    }));
    const checkpointer = {
      checkpoint: async (sequenceNumber?: string) => {
        checkpoints.push(sequenceNumber);
      },
    };
    await processor.processRecords({ records, checkpointer, millisBehindLatest: 0 });
    expect(loaded).to.deep.equal([batch(1)]);
    expect(letters.map(({ message }) => message)).to.have.length(1);
    expect(letters[0]?.message).to.include('catalog nobody is not configured');
    expect(checkpoints).to.deep.equal(['4']);
  });
});
