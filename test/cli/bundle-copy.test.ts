import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../cli/program.ts';
import { temporaryFolder } from '../rigs/cli/lazuli.ts';
import { printed } from '../rigs/cli/printed.ts';
import { type Account, newAccount, writeKeyFile } from '../rigs/dss/accounts.ts';
import { type DepositedFile, deposit, marksOf } from '../rigs/dss/deposit.ts';
import { bundleKey } from '../rigs/dss/documents.ts';
import { type Dss, startDss } from '../rigs/dss/dss.ts';
import { breaksOff, fails } from '../rigs/dss/faults.ts';
import { useCloud } from '../rigs/storage/cloud.ts';

const version = '2018-10-18T150431.370880Z';
const uuid = (start: string) => `${start}000000-0000-4000-8000-000000000000`;
const file = (start: string, text: string): DepositedFile => ({
  ...{ name: `${start}.json`, uuid: uuid(start), version, type: 'application/json', indexed: true },
  content: new TextEncoder().encode(text),
});
const shared = file('f1', '{"shared":1}');

describe('lazuli bundle copy', () => {
  const cloud = useCloud();
  const folder = temporaryFolder();
  const path = (name: string) => join(folder.path, name);
  const environment = { ...process.env };
  let [from, to]: (Dss | undefined)[] = [];
  let ann: Account;
  before(async () => {
    from = await startDss(cloud(), { name: 'from', keptBytes: 0 });
    to = await startDss(cloud(), { name: 'to' });
    ann = from.accounts.add(to.accounts.add(newAccount('ann')), true);
    for (const start of ['a1', 'a2', 'a3'])
      await deposit(from, ann, { uuid: uuid(start), version }, [shared, file(start.replace('a', 'e'), `"${start}"`)]);
    process.env.GOOGLE_APPLICATION_CREDENTIALS = writeKeyFile(path('key.json'), ann);
    process.env.AWS_ENDPOINT_URL_S3 = cloud().endpoint;
  });
  after(async () => {
    for (const name of ['GOOGLE_APPLICATION_CREDENTIALS', 'AWS_ENDPOINT_URL_S3']) {
      if (environment[name] === undefined) delete process.env[name];
      else process.env[name] = environment[name];
    }
    folder[Symbol.dispose]();
    await from?.[Symbol.asyncDispose]();
    await to?.[Symbol.asyncDispose]();
  });
  const stores = () => {
    if (from === undefined || to === undefined) throw new Error('They run only while the tests do');
    return { source: from, target: to };
  };
  beforeEach(() => {
    stores().source.faults.clear();
    stores().target.faults.clear();
  });

  /** The settings of a deployment that knows data stores. */
  const settings = (dataStores: object): string => {
    const folders = { staging: path('s'), state: path('t'), deadLetters: path('d') };
    const catalog = { atlas: 'hca', plugins: { metadata: { name: 'hca' }, repository: { name: 'dss' } }, sources: [] };
    const rest = { opensearch: { url: 'http://127.0.0.1:1' }, kinesis: {}, http: {}, hmacKeyFile: path('h') };
    const name = path(`${Object.keys(dataStores).length}.json`);
    writeFileSync(name, JSON.stringify({ folders, ...rest, catalogs: { hca: catalog }, dataStores }));
    return name;
  };
  const run = async (...args: readonly string[]) => {
    const { lines, output } = printed();
    const { source, target } = stores();
    const code = await main(
      ['bundle', 'copy', '--from', source.url, '--to', target.url, '--config', settings({}), ...args],
      output,
    );
    return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
  };
  const copied = (start: string, at = version) => {
    const { target } = stores();
    return target.storage.json({ bucket: target.main, key: bundleKey(uuid(start), at) });
  };

  it('says what it would do, does it once, and passes over what is there', async () => {
    const { source } = stores();
    const args = ['--bundle', `${uuid('a1')}.${version}`, uuid('a2')];
    expect(await run(...args, '--dry-run')).to.deep.equal({
      ...{ code: 0, out: '2 bundles: 0 copied, 2 would be copied', err: '' },
    });
    expect(await copied('a1')).to.equal(null);
    const { code, out } = await run(...args, '--json');
    const { bundles, ...sums } = JSON.parse(out);
    expect([code, sums.copied, bundles[0]]).to.deep.equal([
      ...[0, 2, { uuid: uuid('a1'), version, copy: version, outcome: 'copied', files: 2, failures: [] }],
    ]);
    expect(await copied('a1')).to.deep.equal(
      await source.storage.json({ bucket: source.main, key: bundleKey(uuid('a1'), version) }),
    );
    const { target } = stores();
    target.faults.clear();
    expect((await run(...args)).out).to.equal('2 bundles: 0 copied, 2 there already');
    expect(target.faults.asked.filter((asked) => asked.startsWith('PUT'))).to.deep.equal([]);
  });

  it('gives copies other versions, files as bundles, and takes a table of bundles', async () => {
    writeFileSync(
      path('manifest.tsv'),
      `bundle_uuid\tbundle_version\n${uuid('a1')}\t${version}\n${uuid('a2')}\t${version}\n`,
    );
    const { code } = await run('--manifest', path('manifest.tsv'), '--prefix', 'a2', '--map-version', '1.374856');
    const later = '2018-10-18T150432.745736Z';
    const copy = (await copied('a2', later)) as { version: string; files: { version: string }[] };
    expect([code, copy.version, copy.files.map((one) => one.version)]).to.deep.equal([0, later, [later, later]]);
    expect(await copied('a1', later)).to.equal(null);
    expect((await run('--bundle', uuid('a1'), '--new-version')).code).to.equal(0);
    expect((await run('--bundle', uuid('a1'), '--new-version')).out).to.equal('1 bundles: 1 copied');
  });

  it('copies from the bucket that settings name, with a store whose clock is ahead, and through errors that pass', async () => {
    const { source, target } = stores();
    target.clock.skew = 7_200_000;
    source.faults.plan(/./, breaksOff, 2);
    target.faults.plan(/PUT/, fails(500, 'x'), 2);
    target.faults.plan(/PUT .*bundles/, fails(400, 'file_missing'));
    const named = settings({ [source.url]: { bucket: source.main } });
    const { code, out } = await run('--bundle', uuid('a3'), '--config', named);
    target.clock.skew = 0;
    expect([code, out]).to.deep.equal([0, '1 bundles: 1 copied']);
    expect(source.faults.asked.some((asked) => asked.includes('/files/'))).to.equal(false);
  });

  it('waits for files that the destination copies later', async () => {
    const { source } = stores();
    await using slow = await startDss(cloud(), { name: 'slow', asyncBytes: 0 });
    slow.accounts.add(ann);
    await deposit(source, ann, { uuid: uuid('a4'), version }, [file('e4', '"later"')]);
    expect((await run('--bundle', uuid('a4'), '--to', slow.url)).out).to.equal('1 bundles: 1 copied');
    expect(slow.faults.asked.some((asked) => asked.startsWith('HEAD'))).to.equal(true);
  });

  it('writes tags that sources lack, beside others, where somebody wants that', async () => {
    const { source, target } = stores();
    const bare = file('e5', '"without tags"');
    await deposit(source, ann, { uuid: uuid('a5'), version }, [bare]);
    const found = await source.files.find(bare.uuid, version);
    const key = `blobs/${found?.sha256}.${found?.sha1}.${found?.['s3-etag']}.${found?.crc32c}`;
    const place = { bucket: source.main, key };
    await source.storage.setTags(place, { other: 'kept' });
    const args = ['--bundle', uuid('a5'), uuid('a1'), '--config', settings({ [source.url]: { bucket: source.main } })];
    const { code, out } = await run(...args);
    expect([code, out]).to.deep.equal([
      1,
      [
        '2 bundles: 0 copied, 1 there already, 1 failed',
        'bundle                                                          file     why not',
        `${uuid('a5')}.${version}  e5.json  422 missing_checksum: No hca-dss-sha256`,
      ].join('\n'),
    ]);
    target.faults.plan(/PUT .*files/, fails(422, 'missing_checksum'), 2);
    expect((await run(...args, '--fix-tags')).out).to.equal('2 bundles: 1 copied, 1 there already');
    const { other, ...sums } = await source.storage.tags(place);
    expect([other, sums]).to.deep.equal(['kept', marksOf(bare.content)]);
  });

  it('names what the destination has otherwise, and goes on', async () => {
    const { source, target } = stores();
    await deposit(source, ann, { uuid: uuid('a6'), version }, [file('e6', '"ours"'), file('e7', '"both"')]);
    await deposit(target, ann, { uuid: uuid('a7'), version }, [file('e6', '"theirs"')]);
    await deposit(source, ann, { uuid: uuid('a7'), version }, [file('e7', '"both"')]);
    const { code, out } = await run('--bundle', uuid('a6'), uuid('a7'), uuid('aa'), uuid('a1'), '--json');
    const { bundles } = JSON.parse(out);
    const failed = bundles.flatMap(({ uuid: own, failures }: { uuid: string; failures: object[] }) =>
      failures.map((failure) => ({ uuid: own.slice(0, 2), ...failure })),
    );
    expect([code, failed.sort((a: { uuid: string }, b: { uuid: string }) => (a.uuid < b.uuid ? -1 : 1))]).to.deep.equal(
      [
        1,
        [
          { uuid: 'a6', file: 'e6.json', reason: '409 file_already_exists: file_already_exists' },
          { uuid: 'a7', file: null, reason: 'The destination has another bundle of that version.' },
          { uuid: 'aa', file: null, reason: '404 not_found: Cannot find bundle!' },
        ],
      ],
    );
  });

  it('ends where a store lets nobody in, or is down', async () => {
    const { source, target } = stores();
    await deposit(source, ann, { uuid: uuid('a8'), version }, [file('e8', '"8"')]);
    target.faults.plan(/PUT/, fails(403, 'Forbidden'), 9);
    expect(await run('--bundle', uuid('a8'))).to.deep.include({ code: 1, out: '' });
    target.faults.clear();
    target.faults.plan(/./, fails(503, 'read_only'), 999);
    const { code, err } = await run('--bundle', uuid('a8'));
    expect([code, err]).to.satisfy(([own, text]: [number, string]) => own === 1 && /gives no answer: 503/.test(text));
  });

  it('is refused where it is not clear, or not meant', async () => {
    const { source, target } = stores();
    const args = ['--bundle', uuid('a1')];
    const guarded = ['--config', settings({ [`${target.url}/`]: { protected: true } })];
    const refusal = await run(...args, ...guarded);
    expect([refusal.code, refusal.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 2 && /is protected/.test(err),
    );
    expect((await run(...args, ...guarded, '--yes-to-protected')).code).to.equal(0);
    for (const wrong of [
      [],
      [...args, '--manifest', path('manifest.tsv')],
      [...args, '--keep-version', '--new-version'],
      [...args, '--prefix', 'f'],
      [...args, '--to', 'http://dss.example/v1'],
      [...args, '--to', source.url.replace('//', '//ann:secret@')],
    ])
      expect((await run(...wrong)).code, wrong.join(' ')).to.equal(2);
    delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
    const nobody = await run('--bundle', uuid('a2'), '--to', target.url);
    process.env.GOOGLE_APPLICATION_CREDENTIALS = path('key.json');
    expect([nobody.code, nobody.err.includes('key file')]).to.deep.equal([2, true]);
  });
});
