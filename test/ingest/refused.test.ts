import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import { StoredDeadLetters } from '../../core/storage/dead-letters.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { notificationLetter } from '../../ingest/dead-letter.ts';
import { encodeNotification } from '../../ingest/notification.ts';
import { RefusedRedriving } from '../../ingest/refused.ts';
import { fqid } from '../rigs/models/toy.ts';

describe('Notifications of a catalog that was refused', () => {
  let folder: string;
  let deadLetters: StoredDeadLetters;
  const logged: unknown[] = [];
  const log = (fields: object) => void logged.push(fields);
  const logger = { info: log, warn: log, error: log };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-'));
    deadLetters = new StoredDeadLetters(new FolderStore(folder));
    logged.length = 0;
    for (let i = 0; i < 3; i++) await deadLetters.put(letter(i, 'toys', 'catalog_refused'));
    await deadLetters.put(letter(3, 'others', 'catalog_refused'));
    await deadLetters.put(letter(4, 'toys', 'bundle_missing'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function letter(i: number, catalog: string, code: 'catalog_refused' | 'bundle_missing') {
    const { uuid, version, source } = fqid(i);
    const notification = {
      action: 'add',
      catalog,
      number: 0,
      notification: { bundle_fqid: { uuid, version, source } },
    };
    const record = { partitionKey: uuid, data: encodeNotification({ ...notification, action: 'add' }) };
    return notificationLetter({ record, error: new LazuliError(code, 'no') });
  }

  const left = async () => (await deadLetters.list()).letters.length;

  it('go back to the stream once it is open, and no others', async () => {
    const keys: string[] = [];
    const put = async (entries: readonly { partitionKey: string }[]) =>
      void keys.push(...entries.map(({ partitionKey }) => partitionKey));
    await new RefusedRedriving({ catalogs: ['toys'], deadLetters, put, logger }).run();
    expect(keys.sort()).to.deep.equal([0, 1, 2].map((i) => fqid(i).uuid));
    expect(await left()).to.equal(2);
    expect(logged).to.deep.equal([]);
  });

  it('stay where they are when the worker stops', async () => {
    const putting = Promise.withResolvers<void>();
    const put = (_: unknown, signal: AbortSignal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        putting.resolve();
      });
    const redriving = new RefusedRedriving({ catalogs: ['toys', 'others'], deadLetters, put, logger });
    const done = redriving.run();
    await putting.promise;
    redriving.stop();
    await done;
    const stopped = new RefusedRedriving({ catalogs: ['toys'], deadLetters, put, logger });
    stopped.stop();
    await stopped.run();
    expect(await left()).to.equal(5);
    expect(logged).to.deep.equal([]);
  });

  it('stay where they are when the stream takes nothing, and that is told', async () => {
    const error = new LazuliError('stream_unavailable', 'no such luck');
    const put = () => Promise.reject(error);
    await new RefusedRedriving({ catalogs: ['toys'], deadLetters, put, logger }).run();
    expect(logged).to.deep.equal([{ err: error }]);
    expect(await left()).to.equal(5);
  });
});
