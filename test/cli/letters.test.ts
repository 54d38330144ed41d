import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { actionKey } from '../../cli/pipeline/fed.ts';
import { failuresByCatalog } from '../../cli/pipeline/letters.ts';
import { LazuliError } from '../../core/config/errors.ts';
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
    const found = await failuresByCatalog(letters, ['hca', 'other']);
    expect([...found].map(([catalog, { byReason }]) => [catalog, Object.fromEntries(byReason)])).to.have.deep.members([
      [null, { record_malformed: 2 }],
      ['hca', { bundle_invalid: 1, unreadable: 1 }],
    ]);
    expect([...(found.get('hca')?.actions ?? [])]).to.deep.equal([actionKey(bundle)]);
  });
});
