import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { LetterLook } from '../../cli/pipeline/letters.ts';
import { LazuliError } from '../../core/config/errors.ts';
import type { DeadLetter } from '../../core/storage/dead-letter.ts';
import { StoredDeadLetters } from '../../core/storage/dead-letters.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { notificationLetter } from '../../ingest/dead-letter.ts';
import { encodeNotification } from '../../ingest/notification.ts';
import { temporaryFolder } from '../rigs/cli/lazuli.ts';

const source = { id: 'a b', spec: 'spec:' };
const bundle = { action: 'add', uuid: '00000000-0000-4000-8000-000000000001', version: '1', source } as const;

describe('Failures', () => {
  it('are those of every catalog, and of none: of records and letters that can not be read, of catalogs that are not', async () => {
    using folder = temporaryFolder();
    const letters = new StoredDeadLetters(new FolderStore(folder.path));
    const put = (data: Uint8Array, code: 'record_malformed' | 'bundle_invalid') =>
      letters.put(notificationLetter({ record: { partitionKey: 'p', data }, error: new LazuliError(code, 'no') }));
    const { action, ...fqid } = bundle;
    const of = (catalog: string) =>
      encodeNotification({ action, catalog, number: 0, notification: { bundle_fqid: fqid } });
    await put(Buffer.from('{"half": '), 'record_malformed');
    await put(of('hca'), 'bundle_invalid');
    await put(of('nowhere'), 'record_malformed');
    mkdirSync(join(folder.path, 'hca/notification'), { recursive: true });
    writeFileSync(join(folder.path, 'hca/notification/0123456789abcdef0123456789abcdef.json'), '{"torn');
    const found = await new LetterLook(letters, ['hca', 'other']).byCatalog();
    expect([...found].map(([catalog, { byReason }]) => [catalog, Object.fromEntries(byReason)])).to.have.deep.members([
      [null, { record_malformed: 2 }],
      ['hca', { bundle_invalid: 1, unreadable: 1 }],
    ]);
    const has = found.get('hca')?.has;
    expect([has?.(bundle), has?.({ ...bundle, version: '2' }), has?.({ ...bundle, action: 'delete' })]).to.deep.equal([
      ...[true, false, false],
    ]);
  });

  it('are counted by listing: of very many, some are read for their reasons, and once', async () => {
    let read = 0;
    const keys = Array.from({ length: 2_000 }, (_, i) => `hca/notification/${i}`);
    const letters = {
      async *keys() {
        yield* keys;
      },
      async get() {
        read++;
        return { reason: 'bundle_invalid' } as DeadLetter;
      },
    };
    const look = new LetterLook(letters, ['hca']);
    for (let times = 0; times < 3; times++) {
      const counted = (await look.byCatalog()).get('hca')?.byReason ?? new Map();
      expect(Object.fromEntries(counted)).to.deep.equal({ bundle_invalid: 500, not_read: 1_500 });
    }
    expect(read).to.equal(500);
  });
});
