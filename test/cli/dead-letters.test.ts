import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Fed } from '../../cli/pipeline/fed.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { deadLetter } from '../../core/storage/dead-letter.ts';
import { StoredDeadLetters } from '../../core/storage/dead-letters.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { lazuli, settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';

const source = { id: 's', spec: 'spec:' };

async function folderWithLetters() {
  const folder = temporaryFolder();
  const settings = settingsIn(folder.path);
  writeFileSync(join(folder.path, 'lazuli.json'), JSON.stringify(settings));
  const letters = new StoredDeadLetters(new FolderStore(settings.folders.deadLetters));
  const keys: string[] = [];
  for (const [uuid, code] of [
    ['a', 'bundle_missing'],
    ['b', 'bundle_invalid'],
  ] as const) {
    const fqid = { uuid, version: '1', source };
    const payload = {
      partitionKey: uuid,
      notification: { action: 'add', catalog: 'hca', number: 0, notification: { bundle_fqid: fqid } },
    };
    const error = new LazuliError(code, `Something is wrong with ${uuid}`, { place: { bundle: `${uuid}.1` } });
    const about = { catalog: 'hca', stage: 'ingest', kind: 'notification', identity: uuid, payload } as const;
    keys.push(await letters.put(deadLetter(error, about)));
  }
  return { folder, keys, settings, letters, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

describe('lazuli dead-letters', () => {
  it('lists letters, all or by reason', async () => {
    using at = await folderWithLetters();
    const data = ['--data', at.folder.path];
    const all = await lazuli(['dead-letters', 'list', ...data]);
    expect(all.code).to.equal(0);
    expect(all.out).to.include('Something is wrong with a').and.include('Something is wrong with b');
    const some = await lazuli(['dead-letters', 'list', '--reason', 'bundle_missing', '--json', ...data]);
    expect(JSON.parse(some.out).map(({ key }: { key: string }) => key)).to.deep.equal([at.keys[0]]);
  });

  it('shows one, and says when there is no such letter', async () => {
    using at = await folderWithLetters();
    const { out } = await lazuli(['dead-letters', 'show', at.keys[1] ?? '', '--data', at.folder.path]);
    expect(JSON.parse(out)).to.include({ reason: 'bundle_invalid', attempts: 1, catalog: 'hca' });
    const none = await lazuli(['dead-letters', 'show', 'hca/notification/0', '--data', at.folder.path]);
    expect(none.code).to.equal(1);
    expect(none.err).to.match(/^error: There is no dead letter 'hca\/notification\/0'\.\nremedy: /);
  });

  it('drops letters, and nobody waits any more for what was fed', async () => {
    using at = await folderWithLetters();
    const fed = new Fed(at.settings, 'hca');
    fed.add({ action: 'add', uuid: 'a', version: '1', source });
    fed.add({ action: 'add', uuid: 'b', version: '1', source });
    const { code, out } = await lazuli(['dead-letters', 'drop', at.keys[0] ?? '', '--data', at.folder.path]);
    expect({ code, out }).to.deep.equal({ code: 0, out: `dropped ${at.keys[0]}\n` });
    expect((await at.letters.list()).letters.map(({ key }) => key)).to.deep.equal([at.keys[1]]);
    expect(new Fed(at.settings, 'hca').awaited()).to.deep.equal(['["add","b","1","s"]']);
  });

  it('lists and drops letters that can not be read, and tries none of them again', async () => {
    using at = await folderWithLetters();
    const key = 'hca/notification/0123456789abcdef0123456789abcdef';
    writeFileSync(join(at.settings.folders.deadLetters, `${key}.json`), '{"torn');
    const data = ['--data', at.folder.path];
    const listed = await lazuli(['dead-letters', 'list', '--reason', 'unreadable', '--json', ...data]);
    expect(JSON.parse(listed.out)).to.deep.equal([{ key, reason: 'unreadable' }]);
    expect((await lazuli(['dead-letters', 'list', ...data])).out).to.match(new RegExp(`^${key} +unreadable `, 'm'));
    const redriven = await lazuli(['dead-letters', 'redrive', key, ...data]);
    expect(redriven.err).to.match(/^error: The dead letter '.*' can't be read\.\nremedy: Drop it/);
    const dropped = await lazuli(['dead-letters', 'drop', key, ...data]);
    expect(dropped).to.deep.equal({ code: 0, out: `dropped ${key}\n`, err: '' });
    expect((await at.letters.list()).damaged).to.deep.equal([]);
  });

  it('keeps a letter whose work could not be tried again', async () => {
    using at = await folderWithLetters();
    // no stream answers
    const { code, err } = await lazuli(['dead-letters', 'redrive', '--all', '--data', at.folder.path]);
    expect(code).to.equal(1);
    expect(err).to.match(/^error: .*\nremedy: /s);
    expect((await at.letters.list()).letters).to.have.length(2);
  });

  it('wants to know which', async () => {
    using at = await folderWithLetters();
    const { code, err } = await lazuli(['dead-letters', 'drop', '--data', at.folder.path]);
    expect({ code, err }).to.deep.equal({
      code: 2,
      err: 'error: Which dead letters?\nremedy: Give their keys, or --all.\n',
    });
  });
});
